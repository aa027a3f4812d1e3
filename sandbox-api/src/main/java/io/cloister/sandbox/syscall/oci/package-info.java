/// Seccomp profiles in the form of Docker and of the OCI runtime specification, as values: read,
/// written, and turned into policies and back.
///
/// The entry type is [io.cloister.sandbox.syscall.oci.SeccompProfile]. Sources: `linux.seccomp` of
/// the OCI runtime specification, and Docker's profiles, which add `archMap`, `includes`,
/// `excludes` and `comment`, and Podman's, which add names of errors.
@NullMarked
package io.cloister.sandbox.syscall.oci;

import org.jspecify.annotations.NullMarked;
