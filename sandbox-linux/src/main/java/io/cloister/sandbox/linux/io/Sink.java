package io.cloister.sandbox.linux.io;

import java.io.Closeable;
import java.io.IOException;

/// Where a program's input goes.
public interface Sink extends Closeable {

    /// Writes the first `length` bytes.
    ///
    /// @return false if the program reads no more, or this was closed
    boolean tryWrite(byte[] source, int length) throws IOException;
}
