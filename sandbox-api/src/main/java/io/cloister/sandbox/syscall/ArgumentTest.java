package io.cloister.sandbox.syscall;

import java.util.Objects;

/// A condition on one argument of a system call: some of its bits, taken as an unsigned number,
/// stand in a relation to a value.
///
/// A filter sees the registers, not the C types. Where the kernel takes an `int`, it ignores the
/// upper half of the register, which the program is free to choose; so a test of all 64 bits is
/// passed by `0xdeadbeef00005412` while the kernel carries out `0x5412` (CVE-2019-10063). So an
/// `int` argument is tested with the `int` factories, whose masks are the lower half alone, and
/// only a true `unsigned long`, `size_t` or pointer with the `long` ones.
///
/// @param index which argument, 0 to 5
/// @param mask the bits that are looked at
/// @param relation how they must stand to `value`
/// @param value what they are compared with; within `mask`
public record ArgumentTest(int index, long mask, Relation relation, long value) {

    /// How the masked argument stands to the value; both are taken as unsigned.
    public enum Relation {
        /// Equal.
        EQUAL("=="),
        /// Not equal.
        NOT_EQUAL("!="),
        /// Less than.
        LESS("<"),
        /// Less than, or equal.
        AT_MOST("<="),
        /// Greater than.
        GREATER(">"),
        /// Greater than, or equal.
        AT_LEAST(">=");

        private final String symbol;

        Relation(String symbol) {
            this.symbol = symbol;
        }

        /// {@return how C writes it, for example `<=`}
        public String symbol() {
            return symbol;
        }

        /// {@return whether `left` stands in this relation to `right`}
        ///
        /// @param left taken as unsigned
        /// @param right taken as unsigned
        public boolean holds(long left, long right) {
            int order = Long.compareUnsigned(left, right);
            return switch (this) {
                case EQUAL -> order == 0;
                case NOT_EQUAL -> order != 0;
                case LESS -> order < 0;
                case AT_MOST -> order <= 0;
                case GREATER -> order > 0;
                case AT_LEAST -> order >= 0;
            };
        }
    }

    private static final long LOW_WORD = 0xffffffffL;

    /// Checks the parts.
    ///
    /// @throws IllegalArgumentException if `index` is not within 0 to 5, `mask` is 0, or `value`
    ///   has a bit outside of `mask`
    public ArgumentTest {
        Objects.requireNonNull(relation, "relation");
        if (index < 0 || index > 5) {
            throw new IllegalArgumentException("index must be 0 to 5, was " + index);
        }
        if (mask == 0) {
            throw new IllegalArgumentException("mask must have a bit set, was 0");
        }
        if ((value & ~mask) != 0) {
            throw new IllegalArgumentException(
                    "value must lie within mask " + hex(mask) + ", was " + hex(value));
        }
    }

    /// {@return the test that an `int` argument equals `value`}
    ///
    /// @param index which argument
    /// @param value the value
    public static ArgumentTest intIs(int index, int value) {
        return intBitsAre(index, -1, value);
    }

    /// {@return the test that an `int` argument differs from `value`}
    ///
    /// @param index which argument
    /// @param value the value
    public static ArgumentTest intIsNot(int index, int value) {
        return new ArgumentTest(index, LOW_WORD, Relation.NOT_EQUAL, value & LOW_WORD);
    }

    /// {@return the test that an `int` argument, taken as unsigned, is less than `value`}
    ///
    /// @param index which argument
    /// @param value the value, taken as unsigned
    public static ArgumentTest intIsBelow(int index, int value) {
        return new ArgumentTest(index, LOW_WORD, Relation.LESS, value & LOW_WORD);
    }

    /// {@return the test that the bits `mask` of an `int` argument equal `value`}
    ///
    /// @param index which argument
    /// @param mask the bits
    /// @param value what they are
    public static ArgumentTest intBitsAre(int index, int mask, int value) {
        return new ArgumentTest(index, mask & LOW_WORD, Relation.EQUAL, value & LOW_WORD);
    }

    /// {@return the test that at least one bit of `mask` is set in an `int` argument}
    ///
    /// @param index which argument
    /// @param mask the bits
    public static ArgumentTest intHasAny(int index, int mask) {
        return new ArgumentTest(index, mask & LOW_WORD, Relation.NOT_EQUAL, 0);
    }

    /// {@return the test that a 64-bit argument equals `value`}
    ///
    /// @param index which argument
    /// @param value the value
    public static ArgumentTest longIs(int index, long value) {
        return new ArgumentTest(index, -1, Relation.EQUAL, value);
    }

    /// {@return the test that a 64-bit argument, taken as unsigned, is less than `value`}
    ///
    /// @param index which argument
    /// @param value the value, taken as unsigned
    public static ArgumentTest longIsBelow(int index, long value) {
        return new ArgumentTest(index, -1, Relation.LESS, value);
    }

    /// {@return the test that at least one bit of `mask` is set in a 64-bit argument}
    ///
    /// @param index which argument
    /// @param mask the bits
    public static ArgumentTest longHasAny(int index, long mask) {
        return new ArgumentTest(index, mask, Relation.NOT_EQUAL, 0);
    }

    /// {@return whether `argument` passes}
    ///
    /// @param argument the whole register
    public boolean holds(long argument) {
        return relation.holds(argument & mask, value);
    }

    /// For example `arg1 & 0x7 == 0x2`.
    @Override
    public String toString() {
        String argument = "arg" + index + (mask == LOW_WORD ? "" : " & " + hex(mask));
        return argument + " " + relation.symbol() + " " + hex(value);
    }

    private static String hex(long number) {
        return "0x" + Long.toHexString(number);
    }
}
