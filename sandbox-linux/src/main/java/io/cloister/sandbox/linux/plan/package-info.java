/// Takes every decision of a launch: a specification and what the host has become a launch plan.
///
/// Entry type: [io.cloister.sandbox.linux.plan.LaunchPlanner]. Pure. Depends on `mount` and on the
/// API.
@NullMarked
package io.cloister.sandbox.linux.plan;

import org.jspecify.annotations.NullMarked;
