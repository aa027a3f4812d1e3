package io.cloister.sandbox.json;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// Helps who misspelt a name.
final class Spelling {
    private Spelling() {}

    /// What to say of a name that is none of those that are known.
    static String unknown(String what, String name, Collection<String> known) {
        String all = "known here: " + String.join(", ", known);
        return "unknown "
                + what
                + nearest(name, known)
                        .map(near -> "; did you mean \"" + near + "\"? K" + all.substring(1))
                        .orElse("; " + all);
    }

    /// A question to put behind a message; empty if nothing is close.
    static String question(String name, Collection<String> known) {
        return nearest(name, known).map(near -> "; did you mean \"" + near + "\"?").orElse("");
    }

    /// Names in quotation marks: `"a"`, `"a" or "b"`, `one of "a", "b" or "c"`.
    static String choice(List<String> names) {
        List<String> quoted = names.stream().map(name -> '"' + name + '"').toList();
        if (quoted.size() == 1) {
            return quoted.getFirst();
        }
        return (quoted.size() > 2 ? "one of " : "")
                + quoted.stream().limit(quoted.size() - 1L).collect(Collectors.joining(", "))
                + " or "
                + quoted.getLast();
    }

    /// The known name that differs least, if it could be a slip: another case, or in one letter of
    /// three at most.
    static Optional<String> nearest(String name, Collection<String> known) {
        String plain = name.toLowerCase(Locale.ROOT);
        return known.stream()
                .filter(other -> distance(plain, other) <= Math.max(1, other.length() / 3))
                .filter(other -> distance(plain, other) < other.length())
                .min(Comparator.comparingInt(other -> distance(plain, other)));
    }

    /// How many letters must be added, left out, changed or swapped with their neighbour.
    private static int distance(String plain, String known) {
        String other = known.toLowerCase(Locale.ROOT);
        int columns = other.length() + 1;
        // A text of the caller may be long; one that is twice as long is not close.
        if (plain.length() > 2 * other.length() + 1) {
            return plain.length();
        }
        int[][] rows = new int[plain.length() + 1][columns];
        for (int i = 0; i <= plain.length(); i++) {
            for (int j = 0; j < columns; j++) {
                if (i == 0 || j == 0) {
                    rows[i][j] = i + j;
                    continue;
                }
                int change = plain.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                int best = Math.min(rows[i - 1][j], rows[i][j - 1]) + 1;
                best = Math.min(best, rows[i - 1][j - 1] + change);
                if (i > 1
                        && j > 1
                        && plain.charAt(i - 1) == other.charAt(j - 2)
                        && plain.charAt(i - 2) == other.charAt(j - 1)) {
                    best = Math.min(best, rows[i - 2][j - 2] + 1);
                }
                rows[i][j] = best;
            }
        }
        return rows[plain.length()][columns - 1];
    }
}
