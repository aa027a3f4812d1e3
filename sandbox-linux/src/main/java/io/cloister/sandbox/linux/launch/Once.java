package io.cloister.sandbox.linux.launch;

import org.jspecify.annotations.Nullable;

import java.util.function.Supplier;

/// A value that is made when it is first asked for, once. What fails is tried again.
final class Once<T> implements Supplier<T> {

    private final Supplier<T> source;
    private volatile @Nullable T value;

    private Once(Supplier<T> source) {
        this.source = source;
    }

    static <T> Once<T> of(Supplier<T> source) {
        return new Once<>(source);
    }

    @Override
    public T get() {
        T known = value;
        if (known != null) {
            return known;
        }
        synchronized (this) {
            T again = value;
            if (again == null) {
                again = source.get();
                value = again;
            }
            return again;
        }
    }
}
