package io.cloister.samples.plugins.wire;

import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.deser.jdk.NumberDeserializers.BigDecimalDeserializer;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

import java.math.BigDecimal;

/// The one mapper of both ends: no polymorphic types, bounded nesting, bounded names and numbers.
final class Json {
    static final int DEEPEST = 64;
    private static final int LONGEST_NAME = 256;
    private static final int LONGEST_NUMBER = 100;

    static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(DEEPEST)
                                                    .maxNameLength(LONGEST_NAME)
                                                    .maxNumberLength(LONGEST_NUMBER)
                                                    .maxStringLength(Frame.LONGEST_BODY)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    // Nothing here may be null: the application would meet it far from the border.
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .addModule(new SimpleModule().addDeserializer(BigDecimal.class, new Decimals()))
                    .build();

    private Json() {}

    /// `1E+600000000` has few digits, until somebody adds 1 to it.
    private static final class Decimals extends StdScalarDeserializer<BigDecimal> {
        private static final BigDecimalDeserializer ANY = BigDecimalDeserializer.instance;

        Decimals() {
            super(BigDecimal.class);
        }

        @Override
        public BigDecimal deserialize(JsonParser json, DeserializationContext context) {
            BigDecimal value = ANY.deserialize(json, context);
            if (value != null
                    && (Math.abs((long) value.scale()) > LONGEST_NUMBER
                            || value.precision() > LONGEST_NUMBER)) {
                return (BigDecimal)
                        context.handleWeirdNumberValue(
                                BigDecimal.class,
                                value.signum(),
                                "a number must have at most %d digits",
                                LONGEST_NUMBER);
            }
            return value;
        }
    }
}
