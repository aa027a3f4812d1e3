package io.cloister.sandbox.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.launch.HostUsers.HostUser;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

class HostUsersTest {

    private static final Optional<String> CONFIGURED =
            Optional.ofNullable(System.getProperty(HostUsers.PROPERTY));

    private final List<HostUser> taken = new ArrayList<>();

    @AfterEach
    void releaseAll() {
        taken.forEach(HostUser::release);
        CONFIGURED.ifPresentOrElse(
                value -> System.setProperty(HostUsers.PROPERTY, value),
                () -> System.clearProperty(HostUsers.PROPERTY));
    }

    @ParameterizedTest
    @CsvSource({"0, 5", "-1, 5", "6, 5", "1, 2147483647", "3000000000, 3000000100", "-5, -1"})
    void aRangeOutOfBoundsIsRefused(long first, long last) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HostUsers(first, last))
                .withMessageContaining("1 <= first <= last <= 2147483646")
                .withMessageContaining(first + "-" + last);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 2", "1900000000, 1900065535", "2147483646, 2147483646"})
    void aRangeWithinBoundsIsTaken(long first, long last) {
        assertThat(new HostUsers(first, last).first()).isEqualTo((int) first);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5",
                "-",
                "a-b",
                "1-",
                "-5",
                "1-b",
                "1.5-3",
                "99999999999999999999-1",
                "1-2-3"
            })
    void aPropertyThatIsNoRangeIsRefusedWithAnExample(String value) {
        System.setProperty(HostUsers.PROPERTY, value);
        assertThatIllegalArgumentException()
                .isThrownBy(HostUsers::configured)
                .withMessageContaining(
                        "io.cloister.sandbox.hostUsers must be first-last, for example "
                                + "1900000000-1900065535, was "
                                + value);
    }

    @ParameterizedTest
    @CsvSource({"100-200, 100", "' 100 - 200 ', 100", "7-7, 7"})
    void thePropertyIsARange(String value, int first) {
        System.setProperty(HostUsers.PROPERTY, value);
        assertThat(HostUsers.configured().first()).isEqualTo(first);
    }

    @Test
    void theDefaultLiesAboveTheUsersOfDistributions() {
        System.clearProperty(HostUsers.PROPERTY);
        assertThat(HostUsers.configured().first()).isEqualTo(1_900_000_000);
    }

    @Test
    @Tag("kernel")
    void aUserIsTakenOnceUntilItIsReleased() {
        long first = freeRange();
        HostUsers users = new HostUsers(first, first + 9);
        for (int i = 0; i < 10; i++) {
            taken.add(users.take());
        }
        assertThat(taken)
                .extracting(HostUser::id)
                .doesNotHaveDuplicates()
                .allMatch(id -> id >= first && id <= first + 9);
        assertThatThrownBy(users::take)
                .isInstanceOf(SandboxUnavailableException.class)
                .hasMessageContaining("all 10 host users from " + first);

        HostUser back = taken.remove(4);
        back.release();
        HostUser again = users.take();
        taken.add(again);
        assertThat(again.id()).isEqualTo(back.id());
    }

    @Test
    @Tag("kernel")
    void twoJvmsOfAHostDoNotShareAUser() {
        long first = freeRange();
        HostUsers mine = new HostUsers(first, first + 1);
        HostUsers theirs = new HostUsers(first, first + 1);
        taken.add(mine.take());
        taken.add(theirs.take());
        assertThat(taken).extracting(HostUser::id).doesNotHaveDuplicates();
        assertThatThrownBy(mine::take).isInstanceOf(SandboxUnavailableException.class);
        assertThatThrownBy(theirs::take).isInstanceOf(SandboxUnavailableException.class);
    }

    /// Somewhere where no other test and no launcher looks.
    private static long freeRange() {
        return 2_000_000_000L + ThreadLocalRandom.current().nextInt(100_000_000);
    }
}
