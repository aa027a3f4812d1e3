package io.cloister.sandbox.learn;

/// What a program did with a file, from the least to the most.
public enum FileAccess {
    /// It asked whether it is there, and of what kind.
    LOOK,
    /// It opened it to read.
    READ,
    /// It executed it.
    EXECUTE,
    /// It created, changed or removed it, or opened it to write.
    WRITE
}
