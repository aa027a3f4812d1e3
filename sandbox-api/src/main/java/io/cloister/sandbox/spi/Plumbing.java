package io.cloister.sandbox.spi;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.SandboxProcess;

import java.util.List;
import java.util.Optional;

/// The pipes between the commands of one pipeline. Stages and edges are known by their index.
///
/// Thread-safe. Whoever made it closes it, after all stages have ended.
public interface Plumbing extends AutoCloseable {

    /// One pipe.
    ///
    /// @param name for people
    /// @param from the stage that writes
    /// @param output its descriptor: 1, 2, or 3 and above
    /// @param to the stage that reads
    /// @param input its descriptor: 0, or 3 and above
    /// @param relayed whether the host passes the bytes on and tells the observer; otherwise the
    ///   programs have the two ends of one pipe
    /// @param recorded whether the observer wants the bytes of a relayed edge
    record Edge(
            String name,
            int from,
            int output,
            int to,
            int input,
            boolean relayed,
            boolean recorded) {}

    /// Is told what goes over relayed edges, before the reader gets it. It must not wait.
    interface Observer {
        /// Says how much may go on.
        ///
        /// @param edge the edge
        /// @param length how many bytes there are
        /// @return how many of them are passed on; if that is less, nothing is any more, and both
        ///   programs wait
        int allow(int edge, int length);

        /// Takes bytes of a recorded edge that are passed on.
        ///
        /// @param edge the edge
        /// @param bytes the bytes
        /// @return whether more may be read; if not, nothing is until [Plumbing#resume(int)]
        boolean record(int edge, byte[] bytes);
    }

    /// Sends the launch of a stage with its ends of the pipes, which the host gives up then, and
    /// does not wait for it.
    ///
    /// @param stage the stage
    /// @param backend the sandbox it runs in
    /// @param command with standard input, output and error all set; those of an edge are replaced
    /// @return the process
    SandboxProcess launch(int stage, SandboxBackend backend, Command command);

    /// Waits until the program of a stage has been executed.
    ///
    /// @param stage a stage that was launched
    /// @throws io.cloister.sandbox.SandboxException if it could not be; nothing is left of it then
    void awaitStart(int stage);

    /// When the command of a stage ended, in nanoseconds of [System#nanoTime()].
    ///
    /// @param stage a stage that has ended
    /// @return the time
    long endedAt(int stage);

    /// Reads a recorded edge again.
    ///
    /// @param edge the edge
    void resume(int edge);

    /// Looks whether all stages that run wait for each other. To prove it takes two calls: the
    /// first remembers what it saw.
    ///
    /// @return what proves it; empty if it is not so, or cannot be told
    Optional<List<Evidence>> standstill();

    /// Closes what is open.
    @Override
    void close();
}
