/// Health and the endpoint `sandbox` of the actuator.
@NullMarked
package io.cloister.sandbox.spring.actuate;

import org.jspecify.annotations.NullMarked;
