package io.cloister.sandbox;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/// Where the standard input of a command comes from.
///
/// Whatever it is, but for a [#socket()], the program reads from a pipe. The host reads the file,
/// the stream or its own standard input and copies; the program never holds their descriptors, so
/// it cannot reopen them, seek in them, write to them or change their flags, and its standard input
/// is no terminal.
public sealed interface Input {

    /// Nothing: the first read finds the end.
    ///
    /// This is what [Sandbox#run(Command)] takes for a command that says nothing.
    ///
    /// @return the input
    static Input empty() {
        return new Empty();
    }

    /// {@return an input of these bytes, then the end}
    ///
    /// @param bytes the bytes; they are copied
    static Input bytes(byte[] bytes) {
        return new OfBytes(bytes);
    }

    /// {@return an input of the contents of a file of the host, then the end}
    ///
    /// The host opens it at the launch, with its own rights; if that fails the command does not run
    /// and [SandboxLaunchException] names [SetupStep#OPEN_STREAMS]. It must be a regular file or a
    /// character device, and there must be no symbolic link on the way to it: an earlier sandbox
    /// could have put one there.
    ///
    /// @param path the file
    static Input file(Path path) {
        return new OfFile(path);
    }

    /// {@return an input of what the JVM reads from its own standard input}
    ///
    /// The program gets a pipe, not the JVM's descriptor, and the JVM copies. What was copied
    /// already when the program ends is lost to the JVM.
    static Input inherit() {
        return new Inherit();
    }

    /// {@return an input of what the caller writes to [SandboxProcess#getOutputStream()]; only for
    /// [Sandbox#start(Command)]}
    ///
    /// This is what [Sandbox#start(Command)] takes for a command that says nothing.
    static Input pipe() {
        return new Pipe();
    }

    /// {@return an input of what a stream yields, until its end or until the program ends}
    ///
    /// @param stream read by a thread of the host, and not closed
    static Input stream(InputStream stream) {
        return new OfStream(stream);
    }

    /// {@return an input that goes both ways: standard input is one end of a connected Unix stream
    /// socket, of which the caller has the other one, [SandboxProcess#socket()]; only for
    /// [Sandbox#start(Command)] and its like in sessions and leases}
    ///
    /// It is for programs that are called and answer, such as plugins; their standard output stays
    /// free for what they print.
    ///
    /// - **What the program sees:** descriptor 0 is a socket, to read and to write. In Java it is
    ///   [System#inheritedChannel()]. `/dev/stdin` cannot be opened (`ENXIO`). When the caller has
    ///   closed its end, reads find the end and writes fail with `EPIPE`.
    /// - **What it can reach:** the caller's end alone. The network policy and Landlock do not
    ///   matter for it, since it is connected already. Descriptors that it sends are closed unseen.
    /// - **Bounds:** what it writes does not count for the output limit. It waits when the caller
    ///   does not read.
    /// - **Kernel:** unix(7).
    static Input socket() {
        return new Socket();
    }

    /// See [Input#empty()].
    record Empty() implements Input {}

    /// See [Input#bytes(byte\[\])].
    ///
    /// @param bytes the bytes; copied in and out
    record OfBytes(byte[] bytes) implements Input {
        /// Copies the bytes.
        public OfBytes {
            bytes = bytes.clone();
        }

        /// {@return a copy of the bytes}
        @Override
        public byte[] bytes() {
            return bytes.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof OfBytes(byte[] theirs) && Arrays.equals(bytes, theirs);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        /// The size, never the contents.
        @Override
        public String toString() {
            return "OfBytes[" + Bytes.of(bytes.length) + "]";
        }
    }

    /// See [Input#file(Path)].
    ///
    /// @param path a file of the host
    record OfFile(Path path) implements Input {
        /// Refuses null.
        public OfFile {
            Objects.requireNonNull(path, "path");
        }
    }

    /// See [Input#inherit()].
    record Inherit() implements Input {}

    /// See [Input#pipe()].
    record Pipe() implements Input {}

    /// See [Input#socket()].
    record Socket() implements Input {}

    /// See [Input#stream(InputStream)].
    ///
    /// @param stream the stream
    record OfStream(InputStream stream) implements Input {
        /// Refuses null.
        public OfStream {
            Objects.requireNonNull(stream, "stream");
        }
    }
}
