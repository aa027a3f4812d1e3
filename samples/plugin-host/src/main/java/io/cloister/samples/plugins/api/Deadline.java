package io.cloister.samples.plugins.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// How long a call of this method may take, callbacks included. Without it, two seconds.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Deadline {
    /// {@return the time in milliseconds}
    int millis();
}
