package io.cloister.sandbox.spring.settings;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;
import java.util.function.Supplier;

/// Hands values of properties on, and says which property it was if one is refused.
///
/// @param prefix the name of the properties without their last part
record Setting(String prefix) {

    /// What is told of a value that may be a secret.
    private static final String HIDDEN = "(not shown)";

    /// Hands a value on where there is one.
    <T> void set(String name, @Nullable T value, Consumer<T> setter) {
        if (value != null) {
            set(name, value, value, setter);
        }
    }

    /// Hands a value on that may be a secret, so that nobody is told of it.
    <T> void secret(String name, T value, Consumer<T> setter) {
        set(name, value, HIDDEN, setter);
    }

    private <T> void set(String name, T value, Object shown, Consumer<T> setter) {
        try {
            setter.accept(value);
        } catch (IllegalArgumentException e) {
            throw new RefusedPropertyException(prefix + "." + name, shown, e);
        }
    }

    /// Hands each value of a list on.
    <T> void each(String name, Iterable<T> values, Consumer<T> setter) {
        values.forEach(value -> set(name, value, setter));
    }

    /// Makes what several properties together say.
    <T> T together(Supplier<T> maker) {
        try {
            return maker.get();
        } catch (RefusedPropertyException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new RefusedPropertyException(prefix, null, e);
        }
    }
}
