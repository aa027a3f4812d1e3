/// Meters and observations of Micrometer. The only package that knows it.
@NullMarked
package io.cloister.sandbox.spring.metrics;

import org.jspecify.annotations.NullMarked;
