package io.cloister.sandbox.linux.launch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Something that a reset found to be different.
///
/// @param summary what, in a few words
/// @param details all that is known of it, for a log
record Finding(String summary, String details) {

    /// So many are named.
    private static final int SHOWN = 3;

    /// So many lines of one are shown in its details.
    private static final int LINES = 8;

    /// A summary that is longer is cut.
    private static final int LONGEST = 160;

    private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]");

    /// Cuts a long summary, and writes out control characters: a program chose the names of what it
    /// left.
    Finding {
        summary = cut(visible(summary), LONGEST);
        details = visible(details);
    }

    private static String visible(String text) {
        return CONTROL.matcher(text)
                .replaceAll(found -> "\\\\u%04x".formatted((int) found.group().charAt(0)));
    }

    /// One that needs no details, unless it is long.
    static Finding of(String text) {
        return new Finding(text, text);
    }

    /// How two texts of the kernel differ, by their lines; empty if they do not.
    ///
    /// @param what what they are
    static Optional<Finding> ofLines(String what, String before, String now) {
        if (before.equals(now)) {
            return Optional.empty();
        }
        List<String> old = before.lines().toList();
        List<String> young = now.lines().toList();
        List<Integer> different =
                IntStream.range(0, Math.max(old.size(), young.size()))
                        .filter(i -> !line(old, i).equals(line(young, i)))
                        .boxed()
                        .toList();
        if (different.isEmpty()) {
            return Optional.of(of(what + ": line breaks differ"));
        }
        int first = different.getFirst();
        String summary =
                "%s: lines that differ: %d, the first: %s"
                        .formatted(
                                what,
                                different.size(),
                                change(line(old, first), line(young, first)));
        String details =
                different.stream()
                        .limit(LINES)
                        .map(i -> "was %s, is %s".formatted(line(old, i), line(young, i)))
                        .collect(Collectors.joining(", "));
        return Optional.of(
                new Finding(
                        summary,
                        "%s: lines that differ: %d: %s"
                                .formatted(what, different.size(), details)));
    }

    private static String line(List<String> lines, int index) {
        return index < lines.size() ? "\"" + lines.get(index).strip() + "\"" : "nothing";
    }

    /// Of a line with many fields the one that differs.
    private static String change(String before, String now) {
        String[] old = before.split("\\s+");
        String[] young = now.split("\\s+");
        if (old.length != young.length || old.length == 1) {
            return "was %s, is %s".formatted(cut(before, LONGEST / 4), cut(now, LONGEST / 4));
        }
        int field = 0;
        while (field < old.length - 1 && old[field].equals(young[field])) {
            field++;
        }
        int words = 0;
        while (words < field && !NUMBER.matcher(old[words]).lookingAt()) {
            words++;
        }
        String name = String.join(" ", List.of(old).subList(0, words)).replaceAll("^\"|:$", "");
        return "value %d of %s was %s, is %s"
                .formatted(
                        field - words + 1,
                        words == 0 ? "a line" : name,
                        cut(old[field], LONGEST / 4),
                        cut(young[field], LONGEST / 4));
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest - 3) + "...";
    }

    /// What it is about.
    private String head() {
        return cut(summary.split(": ", 2)[0], LONGEST / 4);
    }

    /// The first few in short, and what the others are about; empty if there is none.
    static Optional<String> summary(List<Finding> findings) {
        if (findings.isEmpty()) {
            return Optional.empty();
        }
        List<String> shown = new ArrayList<>();
        findings.stream().limit(SHOWN).map(Finding::summary).forEach(shown::add);
        if (findings.size() > SHOWN) {
            shown.add(
                    findings.stream()
                            .skip(SHOWN)
                            .map(Finding::head)
                            .collect(
                                    Collectors.joining(
                                            ", ",
                                            "and %d more: ".formatted(findings.size() - SHOWN),
                                            "")));
        }
        return Optional.of(String.join("; ", shown));
    }
}
