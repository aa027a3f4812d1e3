package io.cloister.sandbox.linux.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/// The program of one launch: the set-up, which is the same for every command of a policy, and
/// behind it the execution of this command.
///
/// @param setUp up to the system-call filter, and the supervision
/// @param execution from there to execve
public record LaunchProgram(SyscallProgram setUp, SyscallProgram execution) {

    /// A set-up that executes nothing.
    public static LaunchProgram of(SyscallProgram setUp) {
        return new LaunchProgram(setUp, ExecutionCompiler.nothing(setUp));
    }

    /// What still tells the step of an address, and nothing else.
    public LaunchProgram withoutBytes() {
        return new LaunchProgram(setUp.withoutBytes(), execution.withoutBytes());
    }

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

    /// The bytes of both, for a first process that is born into a control group.
    ///
    /// @param group the number under which the group's directory is passed to the launcher
    public byte[] encodeInto(int group) {
        byte[] bytes = encode();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(ZygoteProgram.GROUP, group);
        return bytes;
    }

    /// The step that the operation at `address` belongs to; empty if none stands there.
    public Optional<Step> stepAt(long address) {
        return setUp.stepAt(address).or(() -> execution.stepAt(address));
    }
}
