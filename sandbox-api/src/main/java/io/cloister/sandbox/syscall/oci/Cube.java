package io.cloister.sandbox.syscall.oci;

import io.cloister.sandbox.syscall.ArgumentTest;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// A set of calls by their six arguments: each is in a set of its own. Immutable.
///
/// Whatever a policy says of a call is a union of such sets, and each of them is one entry of a
/// profile.
///
/// @param arguments the six sets
record Cube(List<Bits> arguments) {

    private static final int ARGUMENTS = 6;

    /// Every call.
    static final Cube ALL = new Cube(Collections.nCopies(ARGUMENTS, Bits.ANY));

    Cube {
        arguments = List.copyOf(arguments);
    }

    private Cube with(int index, Bits bits) {
        List<Bits> changed = new ArrayList<>(arguments);
        changed.set(index, bits);
        return new Cube(changed);
    }

    private List<Cube> with(int index, List<Bits> alternatives) {
        return alternatives.stream().map(bits -> with(index, bits)).toList();
    }

    /// The calls of this set that pass a test; no two of the sets have a call in common.
    List<Cube> passing(ArgumentTest test) {
        List<Cube> passing = new ArrayList<>();
        for (Bits alternative : Bits.of(test)) {
            int index = test.index();
            passing.addAll(with(index, arguments.get(index).intersect(alternative)));
        }
        return passing;
    }

    /// The calls of this set that are not in another; no two of the sets have a call in common.
    List<Cube> minus(Cube other) {
        List<Cube> left = new ArrayList<>();
        List<Cube> inside = List.of(this);
        for (int i = 0; i < ARGUMENTS; i++) {
            Bits wanted = other.arguments.get(i);
            if (wanted.isAny()) {
                continue;
            }
            List<Cube> further = new ArrayList<>();
            for (Cube cube : inside) {
                for (Bits outside : wanted.complement()) {
                    left.addAll(cube.with(i, cube.arguments.get(i).intersect(outside)));
                }
                further.addAll(cube.with(i, cube.arguments.get(i).intersect(wanted)));
            }
            inside = further;
        }
        return inside.isEmpty() ? List.of(this) : left;
    }

    /// The conditions of an entry.
    List<SeccompArgument> conditions() {
        List<SeccompArgument> conditions = new ArrayList<>();
        for (int i = 0; i < ARGUMENTS; i++) {
            Bits bits = arguments.get(i);
            if (bits.nonZero()) {
                conditions.add(new SeccompArgument(i, 0, 0, SeccompOperator.GT));
            } else if (bits.mask() == -1) {
                conditions.add(new SeccompArgument(i, bits.value(), 0, SeccompOperator.EQ));
            } else if (!bits.isAny()) {
                conditions.add(
                        new SeccompArgument(
                                i, bits.mask(), bits.value(), SeccompOperator.MASKED_EQ));
            }
        }
        return conditions;
    }
}
