/// What is known at any moment: of the runs ([RunLedger]) and of the host ([HostProbe]).
///
/// Knows neither actuator nor Micrometer; both read from here.
@NullMarked
package io.cloister.sandbox.spring.state;

import org.jspecify.annotations.NullMarked;
