package io.cloister.sandbox.test.junit;

import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Skips a test, or all of a class, on hosts that lack a feature; the reason has what the report of
/// the host says about it and what would provide it.
///
/// A feature that is `limited` counts as there. A name that is not in the report is an error of the
/// test, so that a misspelt one does not skip it for ever.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith(CapabilityCondition.class)
public @interface NeedsCapability {
    /// {@return the names of the features as in [io.cloister.sandbox.HostReport], for example `user
    /// namespaces`; upper or lower case makes no difference}
    String[] value();
}
