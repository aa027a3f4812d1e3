/// Says what to do when an application does not start for its sandboxes.
@NullMarked
package io.cloister.sandbox.spring.failure;

import org.jspecify.annotations.NullMarked;
