package io.cloister.sandbox.syscall.oci;

import io.cloister.sandbox.syscall.ArgumentTest;

import java.util.ArrayList;
import java.util.List;

/// A set of values of one argument of 64 bits: those whose bits `mask` are `value`, or all but 0.
///
/// @param mask the bits that are known
/// @param value what they are
/// @param nonZero whether it is the set of all values but 0; then nothing else is known
record Bits(long mask, long value, boolean nonZero) {

    static final Bits ANY = new Bits(0, 0, false);
    private static final Bits NON_ZERO = new Bits(0, 0, true);

    private static Bits of(long mask, long value) {
        return new Bits(mask, value, false);
    }

    /// The values that pass a test, as sets of which no two have a value in common.
    static List<Bits> of(ArgumentTest test) {
        long mask = test.mask();
        long value = test.value();
        return switch (test.relation()) {
            case EQUAL -> List.of(of(mask, value));
            case NOT_EQUAL -> of(mask, value).complement();
            case LESS -> ordered(mask, value, true, false);
            case AT_MOST -> ordered(mask, value, true, true);
            case GREATER -> ordered(mask, value, false, false);
            case AT_LEAST -> ordered(mask, value, false, true);
        };
    }

    /// From the highest bit down: equal up to a bit in which they differ as they should.
    private static List<Bits> ordered(long mask, long value, boolean less, boolean orEqual) {
        if (!less && mask == -1 && value == (orEqual ? 1 : 0)) {
            return List.of(NON_ZERO);
        }
        List<Bits> sets = new ArrayList<>();
        long above = 0;
        for (int i = Long.SIZE - 1; i >= 0; i--) {
            long bit = 1L << i & mask;
            boolean set = (value & bit) != 0;
            if (bit != 0 && set == less) {
                sets.add(of(above | bit, value & above | (less ? 0 : bit)));
            }
            above |= bit;
        }
        if (orEqual) {
            sets.add(of(mask, value));
        }
        return sets;
    }

    boolean isAny() {
        return equals(ANY);
    }

    /// All other values, as sets of which no two have a value in common.
    List<Bits> complement() {
        if (nonZero) {
            return List.of(of(-1, 0));
        }
        if (mask == -1 && value == 0) {
            return List.of(NON_ZERO);
        }
        List<Bits> sets = new ArrayList<>();
        long above = 0;
        for (int i = Long.SIZE - 1; i >= 0; i--) {
            long bit = 1L << i & mask;
            if (bit != 0) {
                sets.add(of(above | bit, value & above | ~value & bit));
                above |= bit;
            }
        }
        return sets;
    }

    /// The values in both, as sets of which no two have a value in common.
    List<Bits> intersect(Bits other) {
        if (isAny() || equals(other)) {
            return List.of(other);
        }
        if (other.isAny()) {
            return List.of(this);
        }
        if (nonZero) {
            return other.withoutZero();
        }
        if (other.nonZero) {
            return withoutZero();
        }
        return ((value ^ other.value) & mask & other.mask) != 0
                ? List.of()
                : List.of(of(mask | other.mask, value | other.value));
    }

    /// The values of this set but 0: some bit that is not known is set.
    private List<Bits> withoutZero() {
        if (value != 0) {
            return List.of(this);
        }
        List<Bits> sets = new ArrayList<>();
        long known = mask;
        for (int i = Long.SIZE - 1; i >= 0; i--) {
            long bit = 1L << i & ~mask;
            if (bit != 0) {
                known |= bit;
                sets.add(of(known, bit));
            }
        }
        return sets;
    }
}
