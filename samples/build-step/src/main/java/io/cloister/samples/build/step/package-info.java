/// Runs the steps of a build: what a step has not declared it does not see, what it has made comes
/// from a cache if nothing that it depends on has changed.
///
/// The entry type is [io.cloister.samples.build.step.StepRunner]. Pure are
/// [io.cloister.samples.build.step.Step], [io.cloister.samples.build.step.StepFile],
/// [io.cloister.samples.build.step.StepGraph] and [io.cloister.samples.build.step.StepKey].
@NullMarked
package io.cloister.samples.build.step;

import org.jspecify.annotations.NullMarked;
