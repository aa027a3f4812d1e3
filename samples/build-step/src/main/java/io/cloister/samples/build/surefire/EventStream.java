package io.cloister.samples.build.surefire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Finds out, from what the tests write to Maven, which test class runs. It looks only; nothing is
/// changed. Surefire has had three ways to write it:
///
/// | versions | a class begins |
/// |---|---|
/// | to 3.0.0-M3 | `1,1,org.example.FirstTest,...` at the beginning of a line |
/// | 3.0.0-M4 | `:testset-starting:normal-run:UTF-8:` and its name in Base64 |
/// | from 3.0.0-M5 | the same, with lengths in bytes before each part |
///
/// What stands there comes from the tests: it is a claim.
final class EventStream {
    private static final Pattern BEGIN =
            Pattern.compile(
                    "(?:^|\\n)1,1,(?<plain>[\\w.$]{1,512}),"
                        + "|:testset-starting:normal-run:UTF-8:(?<encoded>[A-Za-z0-9+/=]{1,684}):"
                            // The number of the run came later than the rest.
                            + "|:testset-starting:.:normal-run:(?:(?:\\x00|\\x01.{8}):)?"
                            + ".:UTF-8:.{4}:(?<name>[^:]{1,512}):",
                    Pattern.DOTALL);

    /// Longer than any beginning whose name is not absurd.
    private static final int LONGEST = 1024;

    /// Of who begins more classes than this, the first are forgotten.
    private static final int MOST = 1000;

    private static final int MOST_NAMED = 3;

    private final ConcurrentSkipListMap<Instant, String> begun = new ConcurrentSkipListMap<>();
    private String tail = "";

    /// The class that ran at a time, and those that had begun when what a test writes had come
    /// through the pipe; ` or ` stands between them. Empty if none had begun.
    String at(Instant time, Duration late) {
        Map.Entry<Instant, String> first = begun.floorEntry(time);
        Instant from = first == null ? time : first.getKey();
        return begun.subMap(from, true, time.plus(late), true).values().stream()
                .distinct()
                .limit(MOST_NAMED)
                .collect(Collectors.joining(" or "));
    }

    void accept(ByteBuffer bytes) {
        // One character for each byte.
        String text = tail + StandardCharsets.ISO_8859_1.decode(bytes.duplicate());
        Matcher matcher = BEGIN.matcher(text);
        int after = 0;
        while (matcher.find()) {
            Instant now = Instant.now();
            begun.put(now, name(matcher));
            if (begun.size() > MOST) {
                begun.pollFirstEntry();
            }
            after = matcher.end();
        }
        tail = text.substring(Math.max(after, text.length() - LONGEST));
    }

    private static String name(Matcher matcher) {
        String encoded = matcher.group("encoded");
        if (encoded != null) {
            try {
                return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return "";
            }
        }
        String plain = matcher.group("plain");
        return plain != null
                ? plain
                : new String(
                        matcher.group("name").getBytes(StandardCharsets.ISO_8859_1),
                        StandardCharsets.UTF_8);
    }
}
