package io.cloister.samples.plugins.manifest;

import io.cloister.sandbox.VisibleText;

import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Helps who misspelt a name.
final class Nearest {
    private Nearest() {}

    static String unknown(String what, String name, Set<String> known) {
        return "unknown %s \"%s\"; %sknown are %s"
                .formatted(
                        what,
                        VisibleText.line(name, 100),
                        nearest(name, known)
                                .map(near -> "did you mean \"" + near + "\"? ")
                                .orElse(""),
                        String.join(", ", known));
    }

    private static Optional<String> nearest(String name, Set<String> known) {
        return known.stream()
                .filter(near -> distance(name, near) <= Math.max(1, near.length() / 3))
                .min(Comparator.comparingInt(near -> distance(name, near)));
    }

    /// How many letters must be added, left out or changed (Levenshtein), without regard to case.
    private static int distance(String one, String other) {
        String a = one.toLowerCase(Locale.ROOT);
        String b = other.toLowerCase(Locale.ROOT);
        if (a.length() > 2 * b.length()) {
            return a.length();
        }
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
