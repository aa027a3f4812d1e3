package io.cloister.sandbox.linux.program;

import java.util.Arrays;
import java.util.Optional;

/// The program of one launch: the set-up, which is the same for every command of a policy, and
/// behind it the execution of this command.
///
/// @param setUp up to the system-call filter, and the supervision
/// @param execution from there to execve
public record LaunchProgram(SyscallProgram setUp, SyscallProgram execution) {

    /// The size in bytes.
    public int size() {
        return setUp.size() + execution.size();
    }

    /// The bytes of both.
    public byte[] encode() {
        byte[] bytes = Arrays.copyOf(setUp.encode(), size());
        System.arraycopy(execution.encode(), 0, bytes, setUp.size(), execution.size());
        return bytes;
    }

    /// The step that the operation at `address` belongs to; empty if none stands there.
    public Optional<Step> stepAt(long address) {
        return setUp.stepAt(address).or(() -> execution.stepAt(address));
    }
}
