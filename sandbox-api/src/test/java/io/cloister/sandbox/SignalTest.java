package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalTest {
    @ParameterizedTest
    @CsvSource({
        "1,SIGHUP", "2,SIGINT", "9,SIGKILL", "10,SIGUSR1", "11,SIGSEGV", "12,SIGUSR2",
        "15,SIGTERM", "16,SIGSTKFLT", "18,SIGCONT", "19,SIGSTOP", "24,SIGXCPU", "25,SIGXFSZ",
        "31,SIGSYS", "32,SIG32", "33,SIG33", "34,SIGRTMIN", "64,SIGRTMIN+30"
    })
    void hasTheNameOfTheManual(int number, String name) {
        assertThat(new Signal(number).name()).isEqualTo(name);
        assertThat(new Signal(number)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIGTERM", "TERM", "term", "sigterm", "15"})
    void isFoundByNameAndNumber(String name) {
        assertThat(Signal.of(name)).isEqualTo(Signal.TERM);
    }

    @Test
    void isFoundByTheNameItHas() {
        for (int number = 1; number <= 64; number++) {
            Signal signal = new Signal(number);
            assertThat(Signal.of(signal.name())).isEqualTo(signal);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SIG", "SIGNOPE", "0", "65", "-9", "015"})
    void refusesWhatIsNoSignal(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Signal.of(name))
                .withMessage(
                        "expected a signal such as \"SIGTERM\" or \"15\", was \"" + name + "\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65, -1})
    void refusesNumbersOutOfRange(int number) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Signal(number))
                .withMessage("a signal must be 1 to 64, was " + number);
    }
}
