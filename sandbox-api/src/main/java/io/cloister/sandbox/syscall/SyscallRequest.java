package io.cloister.sandbox.syscall;

import java.util.Optional;

/// A system call of a sandboxed program that waits for its answer. Valid until it is answered.
public interface SyscallRequest {

    /// {@return the call}
    Syscall call();

    /// {@return the id, on the host, of the thread that made the call}
    long thread();

    /// {@return an argument, the whole register}
    ///
    /// @param index which one, 0 to 5
    long argument(int index);

    /// {@return an argument that the kernel takes as an `int`: the lower half of the register}
    ///
    /// @param index which one, 0 to 5
    default int intArgument(int index) {
        return (int) argument(index);
    }

    /// Reads text that an argument points to, up to its NUL. **It may be changed by the program at
    /// any time, and the kernel looks anew:** for a log, never for a decision; see
    /// [SyscallHandler].
    ///
    /// @param index which argument, 0 to 5
    /// @return the text, what is no UTF-8 in it replaced, cut after 4096 bytes; empty if the memory
    ///   cannot be read
    Optional<String> text(int index);

    /// Reads bytes that an argument points to. What [#text(int)] says of change holds here.
    ///
    /// @param index which argument, 0 to 5
    /// @param length how many, at most 65536
    /// @return the bytes; empty if they cannot all be read
    Optional<byte[]> bytes(int index, int length);

    /// Reads the address of a socket that an argument points to: of `connect` and `bind` arguments
    /// 1 and 2, of `sendto` 4 and 5. What [#text(int)] says of change holds here.
    ///
    /// @param index which argument points to it, 0 to 5
    /// @param lengthIndex which argument is its length, 0 to 5
    /// @return the address; empty if there is none, it is cut off, or it cannot be read
    default Optional<SocketAddress> socketAddress(int index, int lengthIndex) {
        int length = Math.clamp(intArgument(lengthIndex), 0, SocketAddress.LONGEST);
        return argument(index) == 0
                ? Optional.empty()
                : bytes(index, length).flatMap(SocketAddress::of);
    }
}
