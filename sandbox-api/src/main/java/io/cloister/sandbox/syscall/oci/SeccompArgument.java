package io.cloister.sandbox.syscall.oci;

import java.util.Objects;

/// A condition on one argument, an entry of `args`.
///
/// @param index which argument, 0 to 5
/// @param value what it is compared with, all 64 bits without a sign; the mask of
///   [SeccompOperator#MASKED_EQ]
/// @param valueTwo what the masked bits are compared with; 0, which is the same as absent, for the
///   other operators
/// @param op how
public record SeccompArgument(int index, long value, long valueTwo, SeccompOperator op) {

    /// Checks the index.
    ///
    /// @throws IllegalArgumentException if `index` is not within 0 to 5
    public SeccompArgument {
        Objects.requireNonNull(op, "op");
        if (index < 0 || index > 5) {
            throw new IllegalArgumentException("index must be 0 to 5, was " + index);
        }
    }
}
