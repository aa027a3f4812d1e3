package io.cloister.sandbox.bubblewrap;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The process that a command line of bubblewrap is given to, as far as the line is about it.
public interface BubblewrapCaller {

    /// {@return its directory, absolute: sources start from there, and the command starts in it if
    /// it is there inside}
    Path directory();

    /// {@return its environment, which the command inherits}
    Map<String, String> environment();

    /// {@return its user id, which the command sees as its own}
    int uid();

    /// {@return its group id}
    int gid();

    /// {@return its umask}
    int umask();

    /// {@return the host's name}
    String hostName();

    /// Reads an open descriptor to its end.
    ///
    /// @param descriptor its number
    /// @return what was read
    /// @throws UncheckedIOException if it cannot be read
    byte[] read(int descriptor);

    /// Finds a file or directory of the host.
    ///
    /// @param path absolute
    /// @return the path without symbolic links; empty if there is nothing, or it cannot be seen
    Optional<Path> find(Path path);

    /// Whether the command can have a directory of the host as its own.
    ///
    /// @param tree what is shown to it, without symbolic links
    /// @param directory what lies in it, or is the same
    /// @param writable whether it may change the tree
    /// @return whether it is a directory, and the sandbox's user may enter it
    boolean canEnter(Path tree, Path directory, boolean writable);

    /// {@return this process}
    ///
    /// @throws UncheckedIOException if the host does not tell about it, because it is no Linux
    static BubblewrapCaller thisProcess() {
        return ThisProcess.read();
    }
}
