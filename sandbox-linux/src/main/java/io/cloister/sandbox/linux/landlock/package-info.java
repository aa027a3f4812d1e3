/// Landlock: from a policy and what the kernel knows of Landlock to the rules of a domain, in which
/// the command runs beside its mounts and its filter.
///
/// Entry type: [io.cloister.sandbox.linux.landlock.LandlockPlanner]. Pure. Depends on the API's
/// policy types and on the steps of `mount`.
@NullMarked
package io.cloister.sandbox.linux.landlock;

import org.jspecify.annotations.NullMarked;
