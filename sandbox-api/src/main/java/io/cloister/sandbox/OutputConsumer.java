package io.cloister.sandbox;

import java.nio.ByteBuffer;

/// Takes what a program writes, as it comes.
@FunctionalInterface
public interface OutputConsumer {
    /// Takes the next bytes.
    ///
    /// Calls for one stream come one after the other, in order, and all of them before the result
    /// of the run. While a call lasts nothing more of that stream is read, so a slow consumer slows
    /// the program down; it should not wait for anything that depends on another sandbox. An
    /// exception ends the run: its tree is killed and the result completes with that exception.
    ///
    /// @param bytes the bytes, read-only; valid only during the call
    void accept(ByteBuffer bytes);
}
