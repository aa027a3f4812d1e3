/// What control groups are told and what they tell, as values.
///
/// Entry types: [io.cloister.sandbox.linux.limit.CgroupLimits] and
/// [io.cloister.sandbox.linux.limit.CgroupReading]. Pure. Depends on nothing.
@NullMarked
package io.cloister.sandbox.linux.limit;

import org.jspecify.annotations.NullMarked;
