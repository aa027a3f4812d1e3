package io.cloister.sandbox;

import java.nio.file.Path;
import java.util.Objects;

/// Where the standard output or the standard error of a command goes.
///
/// Whatever it is, the program writes to a pipe. The host reads it and copies to memory, to the
/// file, to the consumer or to its own descriptor; the program never holds that descriptor, so it
/// cannot reopen, truncate, seek in or read what stands behind it, nor change its flags, and what
/// it has is no terminal. For the same reason the output limit of the policy holds for each of them
/// alike: [Sandbox.Builder#outputLimit(Bytes)].
public sealed interface Output {

    /// {@return an output into memory, for [SandboxResult#stdout()] or [SandboxResult#stderr()]}
    ///
    /// This is what [Sandbox#run(Command)] takes for a command that says nothing.
    static Output capture() {
        return new Capture();
    }

    /// {@return an output into a file of the host, which is created or emptied}
    ///
    /// The host opens it at the launch, with its own rights; if that fails the command does not run
    /// and [SandboxLaunchException] names [SetupStep#OPEN_STREAMS]. It must be a regular file or a
    /// character device, and there must be no symbolic link on the way to it: an earlier sandbox
    /// could have put one there.
    ///
    /// @param path the file
    static Output file(Path path) {
        return new ToFile(path, false);
    }

    /// {@return an output to the end of a file of the host, which is created if need be}
    ///
    /// All else is as with [#file(Path)].
    ///
    /// @param path the file
    static Output append(Path path) {
        return new ToFile(path, true);
    }

    /// {@return an output to the JVM's own standard output or standard error}
    ///
    /// The program gets a pipe, not the JVM's descriptor, and the JVM copies: the program cannot
    /// reach what stands behind it, it is no terminal, and the output limit holds. Its bytes are
    /// copied as they are, so escape codes of an untrusted program reach the terminal of the JVM.
    static Output inherit() {
        return new Inherit();
    }

    /// {@return an output to [SandboxProcess#getInputStream()] or
    /// [SandboxProcess#getErrorStream()]; only for [Sandbox#start(Command)]}
    ///
    /// This is what [Sandbox#start(Command)] takes for a command that says nothing.
    static Output pipe() {
        return new Pipe();
    }

    /// {@return an output to a consumer, as it comes}
    ///
    /// @param consumer takes the bytes; it is called by a thread of the sandbox
    static Output consumer(OutputConsumer consumer) {
        return new ToConsumer(consumer);
    }

    /// Nowhere. The output limit counts it nevertheless.
    ///
    /// @return the output
    static Output discard() {
        return new Discard();
    }

    /// {@return an output into the same pipe as standard output; only for standard error}
    ///
    /// The order of what the program writes to the two is kept, and one output limit covers both.
    static Output merge() {
        return new MergeWithStdout();
    }

    /// See [Output#capture()].
    record Capture() implements Output {}

    /// See [Output#file(Path)] and [Output#append(Path)].
    ///
    /// @param path a file of the host
    /// @param append whether what it holds is kept
    record ToFile(Path path, boolean append) implements Output {
        /// Refuses null.
        public ToFile {
            Objects.requireNonNull(path, "path");
        }
    }

    /// See [Output#inherit()].
    record Inherit() implements Output {}

    /// See [Output#pipe()].
    record Pipe() implements Output {}

    /// See [Output#consumer(OutputConsumer)].
    ///
    /// @param consumer the consumer
    record ToConsumer(OutputConsumer consumer) implements Output {
        /// Refuses null.
        public ToConsumer {
            Objects.requireNonNull(consumer, "consumer");
        }
    }

    /// See [Output#discard()].
    record Discard() implements Output {}

    /// See [Output#merge()].
    record MergeWithStdout() implements Output {}
}
