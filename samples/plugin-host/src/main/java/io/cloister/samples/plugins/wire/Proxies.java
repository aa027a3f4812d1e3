package io.cloister.samples.plugins.wire;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Makes objects of Java interfaces whose methods are called at the other end of a connection.
public final class Proxies {
    private static final Object[] NONE = {};

    private Proxies() {}

    /// {@return such an object}
    ///
    /// @param type the interface
    /// @param connection asked at each call for the connection to take
    public static <T> T of(Class<T> type, Supplier<Connection> connection) {
        Contract contract = Contract.of(type);
        Map<Method, Contract.Operation> operations =
                contract.operations().stream()
                        .collect(Collectors.toMap(Contract.Operation::method, Function.identity()));
        InvocationHandler handler =
                (proxy, method, arguments) -> {
                    Object[] given = arguments == null ? NONE : arguments;
                    Contract.Operation operation = operations.get(method);
                    return operation == null
                            ? local(type, proxy, method, given)
                            : connection.get().call(contract, operation, given);
                };
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /// What every object has, and default methods, need no other end.
    private static @Nullable Object local(
            Class<?> type, Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.isDefault()) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        }
        return switch (method.getName()) {
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            case "toString" -> type.getSimpleName() + " at the other end";
            default -> throw new IllegalStateException("no operation: " + method);
        };
    }
}
