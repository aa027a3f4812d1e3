package io.cloister.sandbox.syscall.oci;

import io.cloister.sandbox.syscall.ArgumentTest.Relation;

/// How an argument of 64 bits must stand to a value, without signs. Source: seccomp_rule_add(3).
public enum SeccompOperator {
    /// Not equal.
    NE(Relation.NOT_EQUAL),
    /// Less than.
    LT(Relation.LESS),
    /// Less than, or equal.
    LE(Relation.AT_MOST),
    /// Equal.
    EQ(Relation.EQUAL),
    /// Greater than, or equal.
    GE(Relation.AT_LEAST),
    /// Greater than.
    GT(Relation.GREATER),
    /// Equal in the bits of a mask: `value` is the mask, `valueTwo` what it is compared with.
    MASKED_EQ(Relation.EQUAL);

    private final Relation relation;

    SeccompOperator(Relation relation) {
        this.relation = relation;
    }

    /// {@return the name in JSON, for example `SCMP_CMP_EQ`}
    public String label() {
        return "SCMP_CMP_" + name();
    }

    Relation relation() {
        return relation;
    }

    /// The operator for all 64 bits.
    static SeccompOperator of(Relation relation) {
        return switch (relation) {
            case EQUAL -> EQ;
            case NOT_EQUAL -> NE;
            case LESS -> LT;
            case AT_MOST -> LE;
            case GREATER -> GT;
            case AT_LEAST -> GE;
        };
    }
}
