package io.cloister.samples.plugins.wire;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The objects that the other end of a connection may call: by their interfaces, and no others.
/// Thread-safe.
public final class Services {
    private final Map<String, Service> services = new ConcurrentHashMap<>();
    private final Consumer<String> refusals;

    private record Service(Contract contract, Object instance) {}

    /// @param refusals is told when the other end calls what it may not
    public Services(Consumer<String> refusals) {
        this.refusals = refusals;
    }

    /// Lets the other end call an object.
    ///
    /// @param type the interface by which it may
    /// @param instance the object
    /// @return false if it may call another by that interface already, which stays
    public boolean add(Class<?> type, Object instance) {
        Contract contract = Contract.of(type);
        Service service = new Service(contract, type.cast(instance));
        return services.putIfAbsent(contract.target(), service) == null;
    }

    /// Does what a frame asks for.
    ///
    /// @return the answer
    /// @throws ProtocolException if it asks for nothing that can be understood
    Frame answer(Frame call) throws ProtocolException {
        try {
            Request request = Request.decode(call.body(), this::contract);
            Service service = services.get(request.contract().target());
            Object value =
                    request.operation().method().invoke(service.instance, request.arguments());
            byte[] body = Json.MAPPER.writeValueAsBytes(value);
            if (body.length > Frame.LONGEST_BODY) {
                return failure(
                        call,
                        new IllegalArgumentException(
                                "the value has %d bytes, and may have %d"
                                        .formatted(body.length, Frame.LONGEST_BODY)));
            }
            return new Frame(Frame.Kind.REPLY, call.id(), body);
        } catch (Request.Refused e) {
            refusals.accept(e.getMessage());
            return failure(call, e);
        } catch (InvocationTargetException e) {
            return failure(call, e.getCause());
        } catch (ReflectiveOperationException | RuntimeException e) {
            return failure(call, e);
        }
    }

    private @Nullable Contract contract(String target) {
        Service service = services.get(target);
        return service == null ? null : service.contract;
    }

    static Frame failure(Frame call, Throwable problem) {
        return new Frame(Frame.Kind.FAILURE, call.id(), Fault.of(problem).encode());
    }
}
