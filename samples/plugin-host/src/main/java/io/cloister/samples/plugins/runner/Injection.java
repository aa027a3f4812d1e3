package io.cloister.samples.plugins.runner;

import io.cloister.samples.plugins.wire.Connection;
import io.cloister.samples.plugins.wire.Proxies;

import org.pf4j.ExtensionFactory;

import java.lang.reflect.Constructor;
import java.util.Arrays;

/// Makes extensions by their only constructor. Its parameters are services of the host; whether the
/// plugin may have them the host decides, call by call.
final class Injection implements ExtensionFactory {
    private final Connection connection;

    Injection(Connection connection) {
        this.connection = connection;
    }

    @Override
    public <T> T create(Class<T> type) {
        Constructor<?>[] constructors = type.getDeclaredConstructors();
        if (constructors.length != 1) {
            throw new IllegalArgumentException(
                    "%s must have one constructor, has %d"
                            .formatted(type.getName(), constructors.length));
        }
        Object[] services =
                Arrays.stream(constructors[0].getParameterTypes())
                        .map(service -> (Object) Proxies.of(service, () -> connection))
                        .toArray();
        try {
            return type.cast(constructors[0].newInstance(services));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("can't make a " + type.getName(), e);
        }
    }
}
