package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Launches.calls;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.program.Launches.Kind;
import io.cloister.sandbox.linux.program.Launches.Made;
import io.cloister.sandbox.linux.program.PlayedCredentials.Sets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;

/// Runs compiled launches against a kernel that keeps credentials as the real one does.
class PrivilegeCompilerTest {

    private static final CpuArchitecture X86 = CpuArchitecture.X86_64;

    /// SECBIT_NOROOT and NO_SETUID_FIXUP and NO_CAP_AMBIENT_RAISE, each with its lock, and the lock
    /// of KEEP_CAPS.
    private static final long LOCKED = 0xef;

    private static long kept(Kind kind) {
        return kind.plan.privileges().kept().stream().mapToLong(c -> 1L << c.number()).sum();
    }

    /// The credentials of the process at the first `call` that it makes.
    private static List<Sets> at(Call call, Kind kind, boolean child, boolean user0) {
        PlayedLaunch played = PlayedLaunch.of(kind, child);
        if (kind == Kind.HOST_MOUNT) {
            played.executed.put("/a/p", -8L);
        }
        PlayedCredentials credentials = PlayedCredentials.of(played, user0);
        List<Sets> seen = new ArrayList<>();
        played.answers.put(
                call,
                (_, _) -> {
                    seen.add(credentials.sets());
                    // No such program; or no child any more.
                    return call == Call.EXECVE ? -2 : -10;
                });
        played.run();
        assertThat(seen).as("the process got to %s", call).isNotEmpty();
        return seen;
    }

    @ParameterizedTest
    @EnumSource
    void theCommandHasExactlyWhatItKeepsInEverySetWhoeverItIs(Kind kind) {
        for (boolean user0 : new boolean[] {true, false}) {
            long kept = kept(kind);
            Sets sets = at(Call.EXECVE, kind, true, user0).getFirst().executed();
            assertThat(sets).isEqualTo(new Sets(kept, kept, kept, kept, kept, LOCKED, true));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theFirstProcessHasNoneWhileItWaits(Kind kind) {
        for (boolean user0 : new boolean[] {true, false}) {
            Sets sets = at(Call.WAIT4, kind, false, user0).getFirst();
            assertThat(sets).isEqualTo(new Sets(0, 0, 0, 0, 0, LOCKED, true));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theFirstProcessHasNoneButWhatIsKeptWhenItMakesTheCommand(Kind kind) {
        Sets sets = at(Call.CLONE3, kind, false, true).getFirst();
        long most = kept(kind) == 0 ? 0 : kept(kind) | 1L << Linux.CAP_SETPCAP;
        assertThat(sets.any()).isEqualTo(most);
        assertThat(sets.ambient()).isEqualTo(kept(kind));
        assertThat(sets.bounding()).isEqualTo(kept(kind));
    }

    @Test
    void withoutSecurebitsARangeThatBeginsWithTheOwnUserWouldLoseWhatTheTreeNeeds() {
        PlayedLaunch played = PlayedLaunch.of(Kind.RANGES, true);
        PlayedCredentials.of(played, true);
        Machine.Answers real = played.answers.get(Call.PRCTL);
        played.answers.put(
                Call.PRCTL,
                (call, a) -> a[0] == Linux.PR_SET_SECUREBITS ? 0 : real.answer(call, a));
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.failedStep().kind()).isEqualTo(SetupStep.ROOT);
        assertThat(played.tried).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {Linux.PR_CAP_AMBIENT, Linux.PR_SET_SECUREBITS, Linux.PR_CAPBSET_DROP})
    void aCapabilityThatIsNotKeptAsAskedForFailsTheLaunch(long option) {
        PlayedLaunch played = PlayedLaunch.of(Kind.KEPT, true);
        PlayedCredentials.of(played, false);
        Machine.Answers real = played.answers.get(Call.PRCTL);
        played.answers.put(Call.PRCTL, (call, a) -> a[0] == option ? -1 : real.answer(call, a));
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.errno()).isEqualTo(1);
        assertThat(played.failedStep().kind()).isEqualTo(SetupStep.PRIVILEGES);
        assertThat(played.tried).isEmpty();
    }

    @Test
    void protectionsAreAskedForByTheCommandBeforeItsFilterAndMustBeGiven() {
        List<Made> calls = calls(Kind.HARDENED.setUp(X86));
        List<Long> options =
                calls.stream()
                        .filter(made -> made.call() == Call.PRCTL)
                        .map(made -> made.argument(0))
                        .toList();
        assertThat(options)
                .contains(
                        (long) Linux.PR_SET_SPECULATION_CTRL,
                        (long) Linux.PR_SET_MDWE,
                        (long) Linux.PR_SCHED_CORE);
        List<Call> order = calls.stream().map(Made::call).toList();
        for (Made made : calls) {
            if (made.call() != Call.PRCTL) {
                continue;
            }
            boolean own =
                    made.argument(0) == Linux.PR_SET_SPECULATION_CTRL
                            || made.argument(0) == Linux.PR_SET_MDWE;
            if (own) {
                assertThat(calls.indexOf(made))
                        .isBetween(order.indexOf(Call.CLONE3), order.indexOf(Call.SECCOMP));
            }
            if (made.argument(0) == Linux.PR_SCHED_CORE) {
                assertThat(calls.indexOf(made)).isLessThan(order.indexOf(Call.CLONE3));
                assertThat(made.operation().arguments()).startsWith(62L, 1L, 0L, 1L, 0L);
            }
        }
        assertThat(arguments(calls, Linux.PR_SET_MDWE)).containsExactly(List.of(65L, 1L, 0L, 0L));
        assertThat(arguments(calls, Linux.PR_SET_SPECULATION_CTRL))
                .containsExactly(
                        List.of(53L, 0L, 8L, 0L),
                        List.of(53L, 1L, 8L, 0L),
                        List.of(53L, 2L, 2L, 0L));
    }

    private static List<List<Long>> arguments(List<Made> calls, long option) {
        return calls.stream()
                .filter(made -> made.call() == Call.PRCTL && made.argument(0) == option)
                .map(made -> made.operation().arguments().subList(0, 4))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {Linux.PR_SET_MDWE, Linux.PR_SET_SPECULATION_CTRL, Linux.PR_SCHED_CORE})
    void aProtectionThatIsRefusedFailsTheLaunch(int option) {
        PlayedLaunch played = PlayedLaunch.of(Kind.HARDENED, true);
        PlayedCredentials.of(played, false);
        Machine.Answers real = played.answers.get(Call.PRCTL);
        played.answers.put(Call.PRCTL, (call, a) -> a[0] == option ? -22 : real.answer(call, a));
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.errno()).isEqualTo(22);
        assertThat(played.failedStep().kind()).isEqualTo(SetupStep.PRIVILEGES);
        assertThat(played.tried).isEmpty();
    }
}
