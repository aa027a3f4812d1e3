package io.cloister.sandbox.linux.standstill;

import java.util.List;

/// What a thread waits for.
public sealed interface Wait {

    /// For files, without an end in time: one of them has to become ready.
    ///
    /// @param call the system call
    /// @param spots the files
    record ForFiles(String call, List<Spot> spots) implements Wait {
        /// Copies the list.
        public ForFiles {
            spots = List.copyOf(spots);
        }
    }

    /// A descriptor and what it refers to.
    ///
    /// @param descriptor its number
    /// @param file as `/proc/<pid>/fd` tells it: `pipe:[4711]`
    record Spot(int descriptor, String file) {}

    /// For another thread or process of the same sandbox, without an end in time.
    ///
    /// @param call the system call
    record ForOthers(String call) implements Wait {}

    /// For something that may end by itself, or cannot be told.
    ///
    /// @param why what is known of it
    record Unknown(String why) implements Wait {}
}
