package io.cloister.sandbox;

/// What an entry of a directory is.
public enum FileKind {
    /// A regular file.
    FILE,
    /// A directory.
    DIRECTORY,
    /// A symbolic link.
    LINK,
    /// A named pipe.
    FIFO,
    /// A socket.
    SOCKET,
    /// A device.
    DEVICE
}
