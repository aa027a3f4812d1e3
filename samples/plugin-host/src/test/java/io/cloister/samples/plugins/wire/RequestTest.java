package io.cloister.samples.plugins.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.plugins.api.PriceRule;
import io.cloister.samples.plugins.api.TextFilter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

class RequestTest {
    private static final Contract FILTER = Contract.of(TextFilter.class);
    private static final Contract RULE = Contract.of(PriceRule.class);
    private static final Map<String, Contract> OFFERED =
            Map.of(FILTER.target(), FILTER, RULE.target(), RULE);
    private static final String TARGET = '"' + FILTER.target() + '"';

    @Test
    void whatIsEncodedIsDecoded() throws Exception {
        var basket =
                new PriceRule.Basket(
                        "USD", List.of(new PriceRule.Item("nail", 3, new BigDecimal("0.10"))));
        var price = RULE.operation("price").orElseThrow();

        Request request =
                Request.decode(Request.encode(RULE, price, new Object[] {basket}), OFFERED::get);

        assertThat(request.operation()).isEqualTo(price);
        assertThat(request.arguments()).containsExactly(basket);
    }

    @Test
    void whatIsNotOfferedIsRefusedByName() {
        assertThatThrownBy(() -> decode("[\"java.lang.Runtime\",\"exec\",[\"x\"]]"))
                .isInstanceOf(Request.Refused.class)
                .hasMessage("java.lang.Runtime is not offered here");
        assertThatThrownBy(() -> decode("[" + TARGET + ",\"getClass\",[]]"))
                .isInstanceOf(Request.Refused.class)
                .hasMessageContaining("getClass");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "[",
                "[1,2,3]",
                "[TARGET]",
                "[TARGET,\"apply\"]",
                "[TARGET,\"apply\",[]]",
                "[TARGET,\"apply\",[\"one\",\"two\"]]",
                "[TARGET,\"apply\",[\"one\"],4]",
                "[TARGET,\"apply\",[{\"class\":\"java.lang.Runtime\"}]]",
                "[TARGET,\"apply\",[[\"x\"]]]",
                "[TARGET,\"apply\",\"x\"]",
                "[TARGET,\"apply\",[\"x\"]",
                "\u0000\u0001\u0002"
            })
    void whatIsNoCallOfTheMethodBreaksTheConnection(String json) {
        assertThatThrownBy(() -> decode(json.replace("TARGET", TARGET)))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void deepNestingIsRefused() {
        String deep = "[".repeat(100_000);

        assertThatThrownBy(() -> decode("[" + TARGET + ",\"apply\",[" + deep))
                .isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> Json.MAPPER.readTree(deep))
                .hasMessageContaining("nesting depth (65)");
    }

    @Test
    void deadlinesAreThoseOfTheMethods() {
        assertThat(RULE.operation("price").orElseThrow().deadline())
                .isEqualTo(Duration.ofSeconds(3));
        assertThat(FILTER.operation("apply").orElseThrow().deadline())
                .isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void anInterfaceWithOverloadsIsNoContract() {
        assertThatThrownBy(() -> Contract.of(Overloaded.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one method named apply");
        assertThatThrownBy(() -> Contract.of(String.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("java.lang.String must be an interface");
    }

    interface Overloaded {
        void apply(int number);

        void apply(String text);
    }

    private static Request decode(String json) throws ProtocolException {
        return Request.decode(json.getBytes(StandardCharsets.UTF_8), OFFERED::get);
    }
}
