package io.cloister.sandbox.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.ResourceUsage;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.NetworkPolicy;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

class LearnedTest {

    private static final SyscallAction ENOSYS = SyscallAction.fail(Errno.ENOSYS);
    private static final Learned.Ports NO_PORTS = new Learned.Ports(Set.of(), Set.of());

    private static SeenCall seen(Syscall call, SyscallAction action, ArgumentTest... tests) {
        return new SeenCall(call, List.of(tests), action);
    }

    private static Learned learned(SandboxSpec base, SeenCall... calls) {
        Map<SeenCall, Long> counts = new HashMap<>();
        for (SeenCall call : calls) {
            counts.put(call, 1L);
        }
        return new Learned(base, result(), counts, Map.of(), Set.of(), NO_PORTS);
    }

    private static SandboxResult result() {
        return SandboxResult.of(
                new Outcome.Exited(0),
                ResourceUsage.builder(Duration.ZERO).build(),
                new byte[0],
                new byte[0],
                List.of(),
                List.of());
    }

    @Test
    void whatWasSeenIsOpenAndNothingElse() {
        SyscallPolicy policy =
                learned(
                                SandboxSpec.strict(),
                                seen(Syscall.READ, SyscallAction.ALLOW),
                                seen(Syscall.SOCKET, SyscallAction.ALLOW, ArgumentTest.intIs(0, 1)))
                        .syscalls();
        assertThat(policy.decide(Syscall.READ)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.SOCKET, 1)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.SOCKET, 2)).isEqualTo(SyscallAction.KILL);
        assertThat(policy.decide(Syscall.WRITE)).isEqualTo(SyscallAction.KILL);
        assertThat(policy.unknown()).isEqualTo(ENOSYS);
    }

    @Test
    void whatWasRefusedIsRefusedAlike() {
        SyscallPolicy policy =
                learned(SandboxSpec.strict(), seen(Syscall.CLONE3, ENOSYS)).syscalls();
        assertThat(policy.decide(Syscall.CLONE3)).isEqualTo(ENOSYS);
    }

    @Test
    void theKernelMayRestartACallWheneverItPleases() {
        SyscallPolicy policy = learned(SandboxSpec.strict()).syscalls();
        assertThat(policy.decide(Syscall.RESTART_SYSCALL)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.EXIT_GROUP)).isEqualTo(SyscallAction.ALLOW);
        SandboxSpec closed =
                Sandbox.builder()
                        .syscalls(SyscallPolicy.standard().kill(Syscall.RESTART_SYSCALL))
                        .spec();
        assertThat(learned(closed).syscalls().decide(Syscall.RESTART_SYSCALL))
                .isEqualTo(SyscallAction.KILL);
    }

    @Test
    void aCallWithManyDifferentArgumentsIsAsBefore() {
        SeenCall[] calls = new SeenCall[40];
        for (int i = 0; i < calls.length; i++) {
            calls[i] = seen(Syscall.IOCTL, SyscallAction.ALLOW, ArgumentTest.intIs(1, i));
        }
        SyscallPolicy policy = learned(SandboxSpec.strict(), calls).syscalls();
        assertThat(policy.decide(Syscall.IOCTL, 0, 4711)).isEqualTo(SyscallAction.ALLOW);
        // TIOCSTI
        assertThat(policy.decide(Syscall.IOCTL, 0, 0x5412))
                .isEqualTo(SyscallAction.fail(Errno.EPERM));
    }

    /// The arguments that rules look at, so that the tests come out both ways.
    private static long[] arguments(Random random, SyscallPolicy base, Syscall call) {
        List<Long> known = new ArrayList<>(List.of(0L, 1L, 2L, 16L, 0x40L, 0x11L, 1000L));
        base.rules().stream()
                .filter(rule -> rule.call() == call)
                .flatMap(rule -> rule.tests().stream())
                .forEach(test -> {
                    known.add(test.value());
                    known.add(test.value() + 1);
                    known.add(test.mask());
                });
        return random.ints(6, 0, known.size())
                .mapToLong(known::get)
                .map(value -> random.nextInt(8) == 0 ? value | random.nextLong() << 32 : value)
                .toArray();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsLearnedIsNoWiderThanWhatItWasLearnedUnder(SyscallProfile profile) {
        SyscallPolicy base = profile.policy();
        SandboxSpec spec = Sandbox.builder().syscalls(base).spec();
        Random random = new Random(7);
        for (Syscall call : Syscall.values()) {
            Map<SeenCall, Long> calls = new HashMap<>();
            List<long[]> made = new ArrayList<>();
            for (int i = 0; i < random.nextInt(1, 6); i++) {
                long[] arguments = arguments(random, base, call);
                made.add(arguments);
                List<ArgumentTest> tests =
                        ArgumentOfInterest.of(call).stream()
                                .map(argument -> argument.is(arguments[argument.index()]))
                                .toList();
                calls.put(new SeenCall(call, tests, base.decide(call, arguments)), 1L);
            }
            SyscallPolicy learned =
                    new Learned(spec, result(), calls, Map.of(), Set.of(), NO_PORTS).syscalls();
            for (long[] arguments : made) {
                assertThat(learned.decide(call, arguments))
                        .as("%s again", call)
                        .isEqualTo(base.decide(call, arguments));
            }
            for (int i = 0; i < 200; i++) {
                long[] arguments = arguments(random, base, call);
                if (learned.decide(call, arguments).equals(SyscallAction.ALLOW)) {
                    assertThat(base.decide(call, arguments))
                            .as("%s%s", call, java.util.Arrays.toString(arguments))
                            .isEqualTo(SyscallAction.ALLOW);
                }
            }
        }
    }

    @Test
    void bindsThatWereNotTouchedAreLeftOutAndThoseThatWereReadAreReadOnly() {
        SandboxSpec base =
                Sandbox.builder()
                        .writable(Path.of("/srv/read"), "/read")
                        .writable(Path.of("/srv/written"), "/written")
                        .readOnly(Path.of("/srv/untouched"), "/untouched")
                        .tmpfs("/cache", Bytes.mebibytes(1))
                        .spec();
        Learned learned =
                new Learned(
                        base,
                        result(),
                        Map.of(),
                        Map.of(
                                "/read/a",
                                FileAccess.READ,
                                "/written/b",
                                FileAccess.WRITE,
                                "/untouched-too",
                                FileAccess.READ),
                        Set.of(),
                        NO_PORTS);
        assertThat(learned.policy().filesystem().mounts())
                .filteredOn(Bind.class::isInstance)
                .containsExactly(
                        Bind.readOnly(Path.of("/srv/read"), "/read"),
                        Bind.writable(Path.of("/srv/written"), "/written"));
        assertThat(learned.policy().filesystem().mounts()).hasSize(3);
    }

    @Test
    void onTheHostsNetworkThePortsAreThoseThatWereUsed() {
        Learned.Ports ports = new Learned.Ports(Set.of(8080), Set.of(443));
        SandboxSpec host = Sandbox.builder().hostNet().spec();
        Learned learned = new Learned(host, result(), Map.of(), Map.of(), Set.of(), ports);
        assertThat(learned.policy().network())
                .isEqualTo(new NetworkPolicy(Optional.of(Set.of(8080)), Optional.of(Set.of(443))));
        Learned own =
                new Learned(SandboxSpec.strict(), result(), Map.of(), Map.of(), Set.of(), ports);
        assertThat(own.policy().network()).isEqualTo(NetworkPolicy.allPorts());
    }

    @Test
    void twoRunsArePutTogether() {
        SeenCall read = seen(Syscall.READ, SyscallAction.ALLOW);
        Learned both =
                learned(SandboxSpec.strict(), read)
                        .and(
                                learned(
                                        SandboxSpec.strict(),
                                        read,
                                        seen(Syscall.WRITE, SyscallAction.ALLOW)));
        assertThat(both.calls()).containsEntry(read, 2L).hasSize(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> both.and(learned(Sandbox.builder().hostNet().spec())))
                .withMessage("both runs must be under the same policy");
    }
}
