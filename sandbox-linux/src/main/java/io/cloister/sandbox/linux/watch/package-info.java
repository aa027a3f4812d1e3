/// Processes as procfs shows them: what a tree of them uses together, where control groups do not
/// count it, and what their threads wait for.
///
/// Entry types: [io.cloister.sandbox.linux.watch.TreeWatch] (again and again, for processor time
/// over a whole run), [io.cloister.sandbox.linux.watch.TreeSample] (once) and
/// [io.cloister.sandbox.linux.watch.ThreadLooks]. Reads procfs; depends on `standstill` alone.
@NullMarked
package io.cloister.sandbox.linux.watch;

import org.jspecify.annotations.NullMarked;
