package io.cloister.sandbox.syscall.oci;

import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.ArgumentTest.Relation;

import java.util.List;

/// Whether conditions exclude each other, so that no call meets both.
final class Exclusion {

    private Exclusion() {}

    /// Whether no arguments meet all of both. `false` where that is not seen.
    static boolean excludes(List<ArgumentTest> some, List<ArgumentTest> others) {
        return some.stream()
                .anyMatch(one ->
                        others.stream()
                                .anyMatch(other ->
                                        one.index() == other.index() && excludes(one, other)));
    }

    private static boolean excludes(ArgumentTest one, ArgumentTest other) {
        if (one.relation() == Relation.EQUAL && other.relation() == Relation.EQUAL) {
            return ((one.value() ^ other.value()) & one.mask() & other.mask()) != 0;
        }
        if (isValue(one)) {
            return !other.holds(one.value());
        }
        if (isValue(other)) {
            return !one.holds(other.value());
        }
        return Long.compareUnsigned(most(one), least(other)) < 0
                || Long.compareUnsigned(most(other), least(one)) < 0
                || isEmpty(one)
                || isEmpty(other);
    }

    private static boolean isValue(ArgumentTest test) {
        return test.relation() == Relation.EQUAL && test.mask() == -1;
    }

    /// Whether nothing meets it, such as `< 0`.
    private static boolean isEmpty(ArgumentTest test) {
        return test.relation() == Relation.LESS && test.value() == 0
                || test.relation() == Relation.GREATER && test.value() == test.mask();
    }

    /// No argument below it meets the test.
    private static long least(ArgumentTest test) {
        return switch (test.relation()) {
            case EQUAL, AT_LEAST -> test.value();
            case GREATER -> test.value() == -1 ? -1 : test.value() + 1;
            case LESS, AT_MOST, NOT_EQUAL -> 0;
        };
    }

    /// No argument above it meets the test. Bits outside the mask may be set.
    private static long most(ArgumentTest test) {
        return switch (test.relation()) {
            case EQUAL -> test.value() | ~test.mask();
            case LESS -> test.mask() != -1 ? -1 : test.value() == 0 ? 0 : test.value() - 1;
            case AT_MOST -> test.mask() != -1 ? -1 : test.value();
            case GREATER, AT_LEAST, NOT_EQUAL -> -1;
        };
    }
}
