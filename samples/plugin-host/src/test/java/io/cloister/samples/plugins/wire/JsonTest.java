package io.cloister.samples.plugins.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.plugins.api.PriceRule.Price;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.core.JacksonException;

import java.math.BigDecimal;

class JsonTest {
    @ParameterizedTest
    @ValueSource(strings = {"1E+600000000", "1E-600000000", "\"1E+600000000\"", "1E101"})
    void aNumberThatIsShortOnlyInWritingIsRefused(String amount) {
        assertThatThrownBy(() -> price(amount)).isInstanceOf(JacksonException.class);
    }

    @Test
    void anHonestNumberIsRead() {
        assertThat(price("12.50").amount()).isEqualTo(new BigDecimal("12.50"));
        assertThat(price("-1E+20").amount()).isEqualTo(new BigDecimal("-1E+20"));
    }

    @Test
    void nothingMayBeNull() {
        assertThatThrownBy(() -> price("null")).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> Json.MAPPER.readValue("{\"amount\":1}", Price.class))
                .isInstanceOf(JacksonException.class);
    }

    private static Price price(String amount) {
        return Json.MAPPER.readValue(
                "{\"amount\":%s,\"currency\":\"USD\"}".formatted(amount), Price.class);
    }
}
