package io.cloister.sandbox.json;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Tokens to a tree, remembering where each value stands. How deep it may be nested is bounded by
/// the parser.
final class TreeReader {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final double EXACT = 1L << 53;

    private final JsonParser parser;
    private final String source;
    private final Places places;

    TreeReader(JsonParser parser, String source, Places places) {
        this.parser = parser;
        this.source = source;
        this.places = places;
    }

    /// The one value that the text is.
    Value read() {
        if (parser.nextToken() == null) {
            throw new Refusal(new Place(source, 1, 1) + ": not JSON: there is no value", null);
        }
        Place place = place();
        JsonNode node = value("");
        if (parser.nextToken() != null) {
            throw new Refusal(
                    place() + ": not JSON: expected the end, the value is complete before", null);
        }
        return new Value("", node, place, places);
    }

    private Place place() {
        TokenStreamLocation at = parser.currentTokenLocation();
        return new Place(source, at.getLineNr(), at.getColumnNr());
    }

    /// The value of the current token.
    private JsonNode value(String path) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(path);
            case START_ARRAY -> array(path);
            case VALUE_STRING -> NODES.stringNode(parser.getString());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            case VALUE_NUMBER_FLOAT -> number(parser.getDoubleValue());
            case VALUE_NUMBER_INT ->
                    switch (parser.getNumberType()) {
                        case INT -> NODES.numberNode(parser.getIntValue());
                        case LONG -> NODES.numberNode(parser.getLongValue());
                        default -> NODES.numberNode(parser.getBigIntegerValue());
                    };
            default -> throw new IllegalStateException("token " + parser.currentToken());
        };
    }

    /// To JSON Schema `5.0` and `5e0` are integers. Beyond 2^53 what is written with a point or an
    /// exponent may have been rounded, and stays what it is.
    private static JsonNode number(double value) {
        return value == Math.rint(value) && Math.abs(value) <= EXACT
                ? NODES.numberNode((long) value)
                : NODES.numberNode(value);
    }

    private ObjectNode object(String path) {
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            Place named = place();
            String field = Value.path(path, name);
            places.find(object, name)
                    .ifPresent(first -> {
                        throw new Refusal(
                                "%s: %s: given twice; first at line %d, column %d"
                                        .formatted(
                                                named,
                                                field,
                                                first.name().line(),
                                                first.name().column()),
                                null);
                    });
            parser.nextToken();
            places.put(object, name, new Places.At(named, place()));
            object.set(name, value(field));
        }
        return object;
    }

    private ArrayNode array(String path) {
        ArrayNode array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            String index = Places.index(array.size());
            places.put(array, index, new Places.At(place(), place()));
            array.add(value(path + index));
        }
        return array;
    }
}
