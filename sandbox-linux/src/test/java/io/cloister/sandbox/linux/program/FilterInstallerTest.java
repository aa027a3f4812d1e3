package io.cloister.sandbox.linux.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.plan.Footing;
import io.cloister.sandbox.linux.program.Launches.Kind;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

/// How a filter is installed that the JVM listens to.
class FilterInstallerTest {

    private static final CpuArchitecture X86 = CpuArchitecture.X86_64;
    private static final int FLAGS =
            Linux.SECCOMP_FILTER_FLAG_NEW_LISTENER | Linux.SECCOMP_FILTER_FLAG_LOG;
    private static final List<Long> TICKET = List.of(7L, 8L, 9L);

    private static PlayedLaunch launch(Optional<byte[]> unheard) {
        InstalledFilter filter = new InstalledFilter(new byte[24], FLAGS, TICKET, true, unheard);
        SyscallProgram setUp =
                LaunchCompiler.compile(
                        Kind.STRICT.plan,
                        List.of(),
                        new Footing(Ahead.NOTHING, false, 1001, 1002),
                        X86,
                        filter,
                        Launches.BASE);
        Execution execution = Execution.of(SandboxSpec.strict(), Command.of("/p"));
        PlayedLaunch played = new PlayedLaunch(LaunchCompiler.link(setUp, execution, filter), true);
        played.executed.put("/p", 0L);
        return played;
    }

    private static List<Machine.Made> made(PlayedLaunch played, Call call) {
        return played.machine.made.stream().filter(made -> made.call() == call).toList();
    }

    @Test
    void theListenerIsHandedOutWithTheTicketBeforeTheProgramIsExecuted() {
        PlayedLaunch played = launch(Optional.empty());
        played.run();
        assertThat(made(played, Call.SECCOMP)).hasSize(1);
        assertThat(made(played, Call.SECCOMP).getFirst().arguments().get(1)).isEqualTo(FLAGS);
        Machine.Made sent = made(played, Call.SENDMSG).getFirst();
        assertThat(sent.arguments().subList(3, 6)).isEqualTo(TICKET);
        long header = sent.arguments().get(1);
        long payload = played.machine.word(played.machine.word(header + 16));
        assertThat(played.machine.word(payload)).isEqualTo(StatusTag.LISTENER);
        long control = played.machine.word(header + 32);
        assertThat(played.machine.word(control)).isEqualTo(20);
        assertThat(played.machine.word(control + 16)).isEqualTo(PlayedLaunch.LISTENER);
        List<Call> calls = played.machine.calls();
        assertThat(calls.indexOf(Call.SENDMSG)).isLessThan(calls.indexOf(Call.EXECVE));
        assertThat(played.tried).containsExactly("/p");
    }

    @Test
    void everyCallAfterTheFilterHasTheTicket() {
        PlayedLaunch played = launch(Optional.empty());
        played.executed.put("/p", -13L);
        played.run();
        List<Machine.Made> after =
                played.machine.made.subList(
                        played.machine.calls().indexOf(Call.SECCOMP) + 1,
                        played.machine.made.size());
        assertThat(after)
                .extracting(Machine.Made::call)
                .containsOnly(
                        Call.SENDMSG,
                        Call.PRLIMIT64,
                        Call.CHDIR,
                        Call.EXECVE,
                        Call.WRITE,
                        Call.EXIT_GROUP)
                .startsWith(Call.SENDMSG, Call.PRLIMIT64)
                .endsWith(Call.CHDIR, Call.EXECVE, Call.WRITE, Call.EXIT_GROUP);
        assertThat(after)
                .allSatisfy(made -> {
                    int free = made.call() == Call.PRLIMIT64 ? 4 : 3;
                    assertThat(made.arguments().subList(free, 6))
                            .isEqualTo(TICKET.subList(free - 3, 3));
                });
    }

    @Test
    void whereAnotherFilterIsListenedToTheOtherOneIsInstalled() {
        PlayedLaunch played = launch(Optional.of(new byte[16]));
        played.heardElsewhere = true;
        played.run();
        List<Machine.Made> filters = made(played, Call.SECCOMP);
        assertThat(filters).hasSize(2);
        assertThat(filters.getLast().arguments().get(1)).isEqualTo(Linux.SECCOMP_FILTER_FLAG_LOG);
        assertThat(played.machine.word(filters.getLast().arguments().get(2))).isEqualTo(2);
        assertThat(made(played, Call.SENDMSG)).isEmpty();
        assertThat(played.tried).containsExactly("/p");
    }

    @Test
    void withoutAnotherOneTheLaunchFails() {
        PlayedLaunch played = launch(Optional.empty());
        played.heardElsewhere = true;
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.errno()).isEqualTo(Errno.EBUSY.number());
        assertThat(played.failedStep().kind()).isEqualTo(SetupStep.SYSCALL_FILTER);
        assertThat(played.tried).isEmpty();
    }

    @Test
    void anotherErrorIsNotTakenForThat() {
        PlayedLaunch played = launch(Optional.of(new byte[16]));
        played.refused.put(Call.SECCOMP, -22L);
        assertThat(played.run()).isEqualTo(1);
        assertThat(played.errno()).isEqualTo(Errno.EINVAL.number());
        assertThat(made(played, Call.SECCOMP)).hasSize(1);
    }
}
