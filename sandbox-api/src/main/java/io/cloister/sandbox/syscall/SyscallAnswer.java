package io.cloister.sandbox.syscall;

import io.cloister.sandbox.Errno;

import java.nio.file.Path;
import java.util.Objects;

/// What the program gets for a call that the JVM answers.
public sealed interface SyscallAnswer {

    /// {@return the answer that the kernel makes the call, as if nobody had asked}
    static SyscallAnswer allow() {
        return new Allow();
    }

    /// {@return the answer that the call is not made and fails}
    ///
    /// @param errno what the program sees
    static SyscallAnswer fail(Errno errno) {
        return new Fail(errno);
    }

    /// {@return the answer that the call is not made and returns a value}
    ///
    /// @param value what the program sees, >= 0
    static SyscallAnswer value(long value) {
        return new Value(value);
    }

    /// {@return the answer that the call is not made and returns a descriptor of a file that the
    /// JVM opens, as `open` would. Since Linux 5.9}
    ///
    /// The JVM's user opens it, not the program's, following links: the path must not come from the
    /// program. Where it cannot be opened the call fails with that error.
    ///
    /// @param path the file, which is not created
    /// @param writable whether the program may write to it; it may read it in either case
    static SyscallAnswer file(Path path, boolean writable) {
        return new File(path, writable);
    }

    /// {@return the answer that the call is not made and returns a copy of a descriptor of the
    /// JVM's, as `open` or `socket` would. Since Linux 5.9}
    ///
    /// The copy is made at some time after the handler has returned. So the descriptor must stay
    /// open as long as the sandbox runs: if it is closed and its number given to another file, the
    /// program gets that.
    ///
    /// @param descriptor its number in the JVM, >= 0; it stays the JVM's
    static SyscallAnswer descriptor(int descriptor) {
        return new Descriptor(descriptor, true);
    }

    /// {@return the answer that the call is not made and the run ends with
    /// [io.cloister.sandbox.Outcome.PolicyViolated]}
    static SyscallAnswer kill() {
        return new Kill();
    }

    /// The kernel makes the call.
    record Allow() implements SyscallAnswer {}

    /// The call is not made and fails.
    ///
    /// @param errno what the program sees
    record Fail(Errno errno) implements SyscallAnswer {}

    /// The call is not made and returns a value.
    ///
    /// @param value what the program sees, >= 0
    record Value(long value) implements SyscallAnswer {
        /// Checks the value.
        ///
        /// @throws IllegalArgumentException if `value` is negative
        public Value {
            if (value < 0) {
                throw new IllegalArgumentException(
                        "value must be >= 0, was " + value + "; an error is made by fail");
            }
        }
    }

    /// The call is not made and returns a descriptor of a file.
    ///
    /// @param path the file
    /// @param writable whether the program may write to it
    record File(Path path, boolean writable) implements SyscallAnswer {
        /// Refuses null.
        public File {
            Objects.requireNonNull(path, "path");
        }
    }

    /// The call is not made and returns a copy of a descriptor.
    ///
    /// @param descriptor its number in the JVM
    /// @param closeOnExec whether the copy is closed when the program executes another one
    record Descriptor(int descriptor, boolean closeOnExec) implements SyscallAnswer {
        /// Checks the number.
        ///
        /// @throws IllegalArgumentException if `descriptor` is negative
        public Descriptor {
            if (descriptor < 0) {
                throw new IllegalArgumentException("descriptor must be >= 0, was " + descriptor);
            }
        }
    }

    /// The run ends.
    record Kill() implements SyscallAnswer {}
}
