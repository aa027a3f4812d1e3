package io.cloister.samples.judge.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlacesTest {
    private final Places places = new Places(3, 2);

    @Test
    void oneClientDoesNotGetThemAll() {
        assertThat(places.take("a")).isTrue();
        assertThat(places.take("a")).isTrue();
        assertThat(places.take("a")).isFalse();
        assertThat(places.take("b")).isTrue();
        assertThat(places.take("c")).isFalse();
        places.leave("a");
        assertThat(places.take("c")).isTrue();
        places.leave("b");
        assertThat(places.take("a")).isTrue();
    }
}
