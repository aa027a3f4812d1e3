package io.cloister.samples.cli;

import io.cloister.sandbox.learn.FileAccess;
import io.cloister.sandbox.learn.Learned;
import io.cloister.sandbox.learn.SeenCall;
import io.cloister.sandbox.syscall.SyscallAction;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/// What was seen of a program, for people.
final class LearnedText {
    private static final int MOST_NAMES = 12;

    private LearnedText() {}

    static List<String> of(Learned learned) {
        List<String> lines = new ArrayList<>();
        long made = learned.calls().values().stream().mapToLong(count -> count).sum();
        lines.add(
                "saw %d calls of %d kinds: %s"
                        .formatted(
                                made,
                                named(learned, _ -> true).size(),
                                joined(named(learned, LearnedText::isMade))));
        Map<String, Long> refused = named(learned, call -> !isMade(call));
        if (!refused.isEmpty()) {
            lines.add("refused, and refused again: " + joined(refused));
        }
        for (FileAccess access : FileAccess.values()) {
            List<String> files =
                    learned.files().entrySet().stream()
                            .filter(file -> file.getValue() == access)
                            .map(Map.Entry::getKey)
                            .toList();
            if (!files.isEmpty()) {
                lines.add(verb(access) + " " + joined(files));
            }
        }
        if (!learned.sockets().isEmpty()) {
            lines.add("sockets: " + joined(List.copyOf(learned.sockets())));
        }
        return lines;
    }

    private static boolean isMade(SeenCall call) {
        return !(call.action() instanceof SyscallAction.Fail);
    }

    private static String verb(FileAccess access) {
        return switch (access) {
            case LOOK -> "asked about";
            case READ -> "read";
            case EXECUTE -> "executed";
            case WRITE -> "wrote";
        };
    }

    private static Map<String, Long> named(Learned learned, Predicate<SeenCall> which) {
        Map<String, Long> counts = new TreeMap<>();
        learned.calls()
                .forEach((call, count) -> {
                    if (which.test(call)) {
                        counts.merge(call.call().label(), count, Long::sum);
                    }
                });
        return counts;
    }

    /// The most frequent first.
    private static String joined(Map<String, Long> counts) {
        return joined(
                counts.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .toList());
    }

    private static String joined(List<String> names) {
        int more = names.size() - MOST_NAMES;
        return String.join(", ", names.subList(0, Math.min(names.size(), MOST_NAMES)))
                + (more > 0 ? " and " + more + " more" : "");
    }
}
