package io.cloister.sandbox.bubblewrap;

import java.nio.file.Path;

/// What a place of the tree lies in.
sealed interface Ground {

    /// What is the sandbox's own.
    ///
    /// @param root whether it is the root itself, which becomes read-only
    record Own(boolean root) implements Ground {}

    /// A tree of the host.
    ///
    /// @param at where that is shown; empty for the root
    /// @param tree the directory that is shown there
    /// @param path the place on the host
    /// @param writable whether the command may change it
    record Host(String at, Path tree, Path path, boolean writable) implements Ground {}

    /// A tree of the host that only a descriptor names.
    ///
    /// @param at where it is shown
    record Unknown(String at) implements Ground {}
}
