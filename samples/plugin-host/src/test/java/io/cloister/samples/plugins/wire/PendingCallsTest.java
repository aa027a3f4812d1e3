package io.cloister.samples.plugins.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.plugins.wire.Frame.Kind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PendingCallsTest {
    private final PendingCalls pending = new PendingCalls();

    @Test
    void anAnswerReachesTheCallWithItsId() throws Exception {
        var first = pending.issue("first");
        var second = pending.issue("second");

        pending.answer(Frame.of(Kind.REPLY, second.id()));

        assertThat(second.answer()).isCompletedWithValueMatching(f -> f.id() == second.id());
        assertThat(first.answer()).isNotDone();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 2, Long.MAX_VALUE})
    void anAnswerToNoCallIsRefused(long id) {
        pending.issue("call 1");

        assertThatThrownBy(() -> pending.answer(Frame.of(Kind.REPLY, id)))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("an answer to call %d, which was never made", id);
    }

    @Test
    void aSecondAnswerIsRefused() throws Exception {
        long id = pending.issue("call").id();
        pending.answer(Frame.of(Kind.REPLY, id));

        assertThatThrownBy(() -> pending.answer(Frame.of(Kind.FAILURE, id)))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("a second answer to call 1");
    }

    @Test
    void closingEndsWhatWaitsAndWhatComes() {
        var call = pending.issue("call");

        pending.close("gone");

        assertThat(call.answer()).isCompletedExceptionally();
        assertThatThrownBy(() -> pending.issue("late"))
                .isInstanceOf(CallException.Lost.class)
                .hasMessage("late was not answered: gone");
    }
}
