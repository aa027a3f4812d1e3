/// What a process and its descendants use together, counted by looking at each of them: the way of
/// hosts whose control groups do not do it.
///
/// Entry types: [io.cloister.sandbox.linux.watch.TreeWatch] (again and again, for processor time
/// over a whole run) and [io.cloister.sandbox.linux.watch.TreeSample] (once). Reads procfs and
/// depends on no other package of this module.
@NullMarked
package io.cloister.sandbox.linux.watch;

import org.jspecify.annotations.NullMarked;
