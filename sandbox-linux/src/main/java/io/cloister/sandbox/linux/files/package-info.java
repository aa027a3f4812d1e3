/// Files into sandboxes and out of them, through one descriptor of a root.
///
/// Entry types: [io.cloister.sandbox.linux.files.LinuxFiles] for a live sandbox,
/// [io.cloister.sandbox.linux.files.Outputs] for the end of a run,
/// [io.cloister.sandbox.linux.files.TreeRemoval] for trees that a program has left. May depend on
/// `ffm` and on constants of `program`, on nothing else of this module.
///
/// How others were led astray, and what holds here:
///
/// - A path is looked up twice and changed in between (CVE-2018-15664 of docker cp, CVE-2021-30465
///   of runc). Here the kernel resolves it once, inside the root (openat2(2), RESOLVE_IN_ROOT), and
///   what follows goes through the descriptor that comes of it. A tree is walked name by name from
///   descriptor to descriptor, and no link is followed in it.
/// - The copier enters the sandbox and runs what it finds there (CVE-2019-14271 of docker cp). Here
///   nothing of the sandbox is executed or loaded, and nothing is asked of a process in it.
/// - A program inside packs the tree, and the host unpacks what it sends (CVE-2019-1002101 of
///   kubectl cp: links in an archive). Here there is no archive; names are single names from
///   getdents64(2), and no link is made on the host.
/// - Root does what the program could not (a confused deputy). Here the kernel looks with the
///   rights of the sandbox's user: [io.cloister.sandbox.linux.ffm.FileUser].
@NullMarked
package io.cloister.sandbox.linux.files;

import org.jspecify.annotations.NullMarked;
