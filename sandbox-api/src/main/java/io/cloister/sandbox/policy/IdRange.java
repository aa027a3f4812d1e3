package io.cloister.sandbox.policy;

import java.util.List;
import java.util.Optional;

/// A range of user or group ids of the sandbox and the ids of the host that stand behind it.
/// Source: user_namespaces(7).
///
/// @param inside the first id as the sandbox sees it
/// @param outside the first id as the host sees it; never 0, since that would make the sandbox's
///   files and processes those of the host's root
/// @param count how many ids
public record IdRange(long inside, long outside, long count) {
    /// The largest id; 2³²-1 means "none" to the kernel.
    static final long MAX_ID = 0xffff_fffeL;

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if `count` is not positive, an id is out of range, or the
    ///   host's id 0 is within the range
    public IdRange {
        if (count <= 0) {
            throw new IllegalArgumentException("count must be > 0, was " + count);
        }
        check("inside", inside, 0, count);
        check("outside", outside, 1, count);
    }

    private static void check(String what, long first, long min, long count) {
        if (first < min || first > MAX_ID) {
            throw new IllegalArgumentException(
                    "%s must be %d to %d, was %d".formatted(what, min, MAX_ID, first));
        }
        if (count > MAX_ID - first + 1) {
            throw new IllegalArgumentException(
                    "%s + count must be <= %d, was %d + %d"
                            .formatted(what, MAX_ID + 1, first, count));
        }
    }

    /// {@return whether an id of the sandbox lies within}
    ///
    /// @param insideId an id as the sandbox sees it
    public boolean contains(long insideId) {
        return insideId >= inside && insideId - inside < count;
    }

    /// The first range of a list that overlaps an earlier one, inside or outside.
    static Optional<IdRange> overlap(List<IdRange> ranges) {
        for (int i = 1; i < ranges.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (ranges.get(i).overlaps(ranges.get(j))) {
                    return Optional.of(ranges.get(i));
                }
            }
        }
        return Optional.empty();
    }

    private boolean overlaps(IdRange other) {
        return meet(inside, count, other.inside, other.count)
                || meet(outside, count, other.outside, other.count);
    }

    private static boolean meet(long first, long count, long otherFirst, long otherCount) {
        return first < otherFirst + otherCount && otherFirst < first + count;
    }

    /// For example `0 -> 100000 (65536)`.
    @Override
    public String toString() {
        return inside + " -> " + outside + " (" + count + ")";
    }
}
