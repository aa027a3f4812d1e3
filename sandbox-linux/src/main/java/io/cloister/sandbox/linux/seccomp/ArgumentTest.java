package io.cloister.sandbox.linux.seccomp;

import java.util.Objects;

/// A condition on one argument of a system call: some of its bits equal a value, or do not.
///
/// A filter sees the registers, not the C types. Where the kernel takes an `int`, the upper half of
/// the register is ignored by the kernel and free for the program to choose, so a test of all 64
/// bits is passed by `0xdeadbeef00005412` while the kernel carries out `0x5412` (CVE-2019-10063).
/// So an `int` argument is tested with the `int` factories, whose masks are the lower half alone,
/// and only a true `unsigned long` or pointer with [#longHasAny].
///
/// @param index which argument, 0 to 5
/// @param mask the bits that are looked at
/// @param comparison whether they must equal `value` or differ from it
/// @param value what they are compared with
public record ArgumentTest(int index, long mask, Comparison comparison, long value) {

    /// How the masked argument and the value are compared.
    public enum Comparison {
        EQUAL,
        NOT_EQUAL
    }

    private static final long LOW_WORD = 0xffffffffL;

    public ArgumentTest {
        Objects.requireNonNull(comparison, "comparison");
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

    /// The `int` argument equals `value`.
    public static ArgumentTest intIs(int index, int value) {
        return intBitsAre(index, -1, value);
    }

    /// The bits `mask` of the `int` argument equal `value`.
    public static ArgumentTest intBitsAre(int index, int mask, int value) {
        return new ArgumentTest(index, mask & LOW_WORD, Comparison.EQUAL, value & LOW_WORD);
    }

    /// At least one bit of `mask` is set in the `int` argument.
    public static ArgumentTest intHasAny(int index, int mask) {
        return new ArgumentTest(index, mask & LOW_WORD, Comparison.NOT_EQUAL, 0);
    }

    /// At least one bit of `mask` is set in the 64-bit argument.
    public static ArgumentTest longHasAny(int index, long mask) {
        return new ArgumentTest(index, mask, Comparison.NOT_EQUAL, 0);
    }

    @Override
    public String toString() {
        String argument = "arg" + index + (mask == LOW_WORD ? "" : " & " + hex(mask));
        return argument + (comparison == Comparison.EQUAL ? " == " : " != ") + hex(value);
    }

    private static String hex(long number) {
        return "0x" + Long.toHexString(number);
    }
}
