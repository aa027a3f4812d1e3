package io.cloister.samples.plugins.wire;

import io.cloister.samples.plugins.wire.Contract.Operation;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.util.ByteArrayBuilder;
import tools.jackson.databind.ObjectReader;

import java.util.function.Function;

/// The body of a [Frame.Kind#CALL]: `["interface","method",[arguments]]`.
///
/// @param contract the interface
/// @param operation the method
/// @param arguments values of its parameters' types
record Request(Contract contract, Operation operation, Object[] arguments) {

    /// @throws IllegalArgumentException if the arguments are too long
    static byte[] encode(Contract contract, Operation operation, Object[] arguments) {
        try (ByteArrayBuilder bytes = new ByteArrayBuilder();
                JsonGenerator json = Json.MAPPER.createGenerator(bytes)) {
            json.writeStartArray();
            json.writeString(contract.target());
            json.writeString(operation.method().getName());
            json.writeStartArray();
            for (Object argument : arguments) {
                json.writePOJO(argument);
            }
            json.writeEndArray();
            json.writeEndArray();
            json.flush();
            if (bytes.size() > Frame.LONGEST_BODY) {
                throw new IllegalArgumentException(
                        "the arguments of %s must have at most %d bytes, had %d"
                                .formatted(operation, Frame.LONGEST_BODY, bytes.size()));
            }
            return bytes.toByteArray();
        }
    }

    /// Reads a body.
    ///
    /// @param contracts the interfaces that the other end may call; null for those it may not
    /// @throws Refused if it may not call that
    /// @throws ProtocolException if it is no call at all
    static Request decode(byte[] body, Function<String, ? extends Contract> contracts)
            throws ProtocolException {
        try (JsonParser json = Json.MAPPER.createParser(body)) {
            expect(json, JsonToken.START_ARRAY);
            String target = string(json);
            String method = string(json);
            Contract contract = contracts.apply(target);
            if (contract == null) {
                throw new Refused(target);
            }
            Operation operation =
                    contract.operation(method)
                            .orElseThrow(() -> new Refused(target + "." + method));
            expect(json, JsonToken.START_ARRAY);
            Object[] arguments = new Object[operation.arguments().size()];
            for (int i = 0; i < arguments.length; i++) {
                if (json.nextToken() == JsonToken.END_ARRAY) {
                    throw new ProtocolException(
                            "a call of " + operation + " with too few arguments");
                }
                ObjectReader reader = operation.arguments().get(i);
                arguments[i] = reader.readValue(json);
                if (arguments[i] == null) {
                    throw new IllegalArgumentException("null for an argument of " + operation);
                }
            }
            expect(json, JsonToken.END_ARRAY);
            expect(json, JsonToken.END_ARRAY);
            return new Request(contract, operation, arguments);
        } catch (JacksonException e) {
            throw new ProtocolException(
                    "a call that can't be read: " + Text.visible(e.getOriginalMessage()));
        }
    }

    private static String string(JsonParser json) throws ProtocolException {
        expect(json, JsonToken.VALUE_STRING);
        return json.getString();
    }

    private static void expect(JsonParser json, JsonToken wanted) throws ProtocolException {
        JsonToken found = json.nextToken();
        if (found != wanted) {
            throw new ProtocolException(
                    "a call with %s in the place of %s".formatted(found, wanted));
        }
    }

    /// The other end called what it may not call.
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        Refused(String what) {
            super(Text.visible(what) + " is not offered here");
        }
    }
}
