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
        var first = pending.issue(Kind.CALL, "first");
        var second = pending.issue(Kind.CALL, "second");

        pending.answer(Frame.of(Kind.REPLY, second.id()));

        assertThat(second.answer()).isCompletedWithValueMatching(f -> f.id() == second.id());
        assertThat(first.answer()).isNotDone();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 2, Long.MAX_VALUE})
    void anAnswerToNoCallIsRefused(long id) {
        pending.issue(Kind.CALL, "call 1");

        assertThatThrownBy(() -> pending.answer(Frame.of(Kind.REPLY, id)))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("an answer to call %d, which was never made", id);
    }

    @Test
    void aSecondAnswerIsRefused() throws Exception {
        long id = pending.issue(Kind.CALL, "call").id();
        pending.answer(Frame.of(Kind.REPLY, id));

        assertThatThrownBy(() -> pending.answer(Frame.of(Kind.FAILURE, id)))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("a second answer to call 1");
    }

    @Test
    void anAnswerMustFitItsQuestion() {
        long call = pending.issue(Kind.CALL, "call").id();
        long ping = pending.issue(Kind.PING, "ping").id();

        assertThatThrownBy(() -> pending.answer(Frame.of(Kind.PONG, call)))
                .hasMessage("a PONG as the answer to CALL 1");
        assertThatThrownBy(() -> pending.answer(Frame.of(Kind.REPLY, ping)))
                .hasMessage("a REPLY as the answer to PING 2");
    }

    @Test
    void closingEndsWhatWaitsAndWhatComes() {
        var call = pending.issue(Kind.CALL, "call");

        pending.close("gone");

        assertThat(call.answer()).isCompletedExceptionally();
        assertThatThrownBy(() -> pending.issue(Kind.CALL, "late"))
                .isInstanceOf(CallException.Lost.class)
                .hasMessage("late was not answered: gone");
    }
}
