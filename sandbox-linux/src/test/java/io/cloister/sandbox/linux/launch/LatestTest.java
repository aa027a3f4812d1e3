package io.cloister.sandbox.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class LatestTest {

    private final List<String> made = new ArrayList<>();
    private final Latest<String, Integer> lengths = new Latest<>(2);

    private int length(String key) {
        return lengths.get(
                key,
                it -> {
                    made.add(it);
                    return it.length();
                });
    }

    @Test
    void whatWasMadeIsKept() {
        assertThat(length("one")).isEqualTo(3);
        assertThat(length("one")).isEqualTo(3);
        assertThat(made).containsExactly("one");
    }

    @Test
    void theOneThatWasUsedLongestAgoMakesRoom() {
        length("one");
        length("two");
        length("one");
        length("three");
        length("one");
        assertThat(made).containsExactly("one", "two", "three");
        length("two");
        assertThat(made).containsExactly("one", "two", "three", "two");
    }

    @Test
    void whatCannotBeMadeIsTriedAgain() {
        assertThatThrownBy(() ->
                        lengths.get(
                                "one",
                                _ -> {
                                    throw new IllegalStateException("not now");
                                }))
                .hasMessage("not now");
        assertThat(length("one")).isEqualTo(3);
    }
}
