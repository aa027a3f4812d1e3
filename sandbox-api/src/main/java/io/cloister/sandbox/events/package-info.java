/// What the flight recorder of the JVM (JDK Flight Recorder, module `jdk.jfr`) hears of sandboxes.
///
/// Entry type: [io.cloister.sandbox.events.FlightRecords], for the pools of this module and for
/// providers. Where nobody records, nothing is allocated and no event class is loaded; a runtime
/// image without `jdk.jfr` works likewise. An event never holds what may be a secret: no
/// environment, no input or output, of a command line only the program.
@NullMarked
package io.cloister.sandbox.events;

import org.jspecify.annotations.NullMarked;
