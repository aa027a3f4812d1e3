/// Control groups (cgroups(7)) of both versions: limits over a whole process tree, exact
/// accounting, and what the kernel noted when a limit was hit.
///
/// Entry types: [io.cloister.sandbox.linux.cgroup.CgroupHost] (what this host lets us use, and what
/// would change that), [io.cloister.sandbox.linux.cgroup.CgroupRoot] (our own subtree),
/// [io.cloister.sandbox.linux.cgroup.CgroupSlot] (groups that a launcher sits in) and
/// [io.cloister.sandbox.linux.cgroup.RunGroup] (one run). May depend on `ffm`, and on `program` for
/// error names.
@NullMarked
package io.cloister.sandbox.linux.cgroup;

import org.jspecify.annotations.NullMarked;
