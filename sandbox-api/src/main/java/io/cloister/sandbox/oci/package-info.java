/// Containers as the OCI runtime specification describes them, in and out.
///
/// The entry type is [OciConfig].
@NullMarked
package io.cloister.sandbox.oci;

import org.jspecify.annotations.NullMarked;
