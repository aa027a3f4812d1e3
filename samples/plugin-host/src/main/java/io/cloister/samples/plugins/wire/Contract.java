package io.cloister.samples.plugins.wire;

import static tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS;

import io.cloister.samples.plugins.api.Deadline;

import tools.jackson.databind.ObjectReader;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The methods of an interface that can be called over a connection. Immutable.
public final class Contract {
    private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(2);

    private final Class<?> type;
    private final Map<String, Operation> operations;

    private Contract(Class<?> type, Map<String, Operation> operations) {
        this.type = type;
        this.operations = Map.copyOf(operations);
    }

    /// One method.
    ///
    /// @param method the method
    /// @param arguments reads each argument
    /// @param result reads the value
    /// @param deadline how long a call may take
    public record Operation(
            Method method, List<ObjectReader> arguments, ObjectReader result, Duration deadline) {
        private static Operation of(Method method) {
            Deadline own = method.getAnnotation(Deadline.class);
            return new Operation(
                    method,
                    Arrays.stream(method.getGenericParameterTypes())
                            .map(type -> reader(type).without(FAIL_ON_TRAILING_TOKENS))
                            .toList(),
                    reader(method.getGenericReturnType()),
                    own == null ? DEFAULT_DEADLINE : Duration.ofMillis(own.millis()));
        }

        /// Such as `TextFilter.apply`.
        @Override
        public String toString() {
            return method.getDeclaringClass().getSimpleName() + "." + method.getName();
        }
    }

    /// {@return the contract of an interface}
    ///
    /// @param type the interface
    /// @throws IllegalArgumentException if it is none, or two of its methods have one name
    public static Contract of(Class<?> type) {
        if (!type.isInterface()) {
            throw new IllegalArgumentException(type.getName() + " must be an interface");
        }
        Map<String, Operation> operations = new HashMap<>();
        for (Method method : type.getMethods()) {
            if (Modifier.isAbstract(method.getModifiers())
                    && operations.put(method.getName(), Operation.of(method)) != null) {
                throw new IllegalArgumentException(
                        "%s must have one method named %s"
                                .formatted(type.getName(), method.getName()));
            }
        }
        return new Contract(type, operations);
    }

    private static ObjectReader reader(Type type) {
        return Json.MAPPER.readerFor(Json.MAPPER.constructType(type));
    }

    /// {@return by which name the other end knows it}
    public String target() {
        return type.getName();
    }

    Class<?> type() {
        return type;
    }

    Optional<Operation> operation(String name) {
        return Optional.ofNullable(operations.get(name));
    }

    Collection<Operation> operations() {
        return operations.values();
    }
}
