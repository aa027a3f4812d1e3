/// What host and plugin say to each other over one socket: frames of bounded size, calls of the
/// methods of Java interfaces as JSON, their answers, deadlines and cancellation. Both ends use it,
/// and each takes the other for hostile. Entry type: [Connection]. Knows neither sandboxes nor
/// plugins.
@NullMarked
package io.cloister.samples.plugins.wire;

import org.jspecify.annotations.NullMarked;
