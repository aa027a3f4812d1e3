package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.call;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallAnswer;
import io.cloister.sandbox.syscall.SyscallHandler;
import io.cloister.sandbox.syscall.SyscallHandling;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRequest;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// Calls that the JVM answers.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SyscallHandlerTest {

    /// `mkdir` by whatever call the CPU has for it.
    private static Sandbox.Builder onMkdir(SyscallHandler handler) {
        return strict().onSyscall(Syscall.MKDIR, handler).onSyscall(Syscall.MKDIRAT, handler);
    }

    private static SandboxResult mkdir(Sandbox.Builder builder) {
        return shell(builder, "mkdir /tmp/made && test -d /tmp/made && echo made");
    }

    @Test
    void anAllowedCallIsMadeByTheKernel() {
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        SandboxResult result =
                mkdir(
                        onMkdir(request -> {
                            int path = request.call() == Syscall.MKDIR ? 0 : 1;
                            seen.add(request.text(path).orElse("unreadable"));
                            return SyscallAnswer.allow();
                        }));
        assertThat(result).exited(0).printed("made\n");
        assertThat(seen).containsExactly("/tmp/made");
    }

    @Test
    void aRefusedCallFailsWithTheGivenError() {
        SandboxResult result = mkdir(onMkdir(_ -> SyscallAnswer.fail(Errno.EDQUOT)));
        assertThat(result).exited(1);
        assertThat(result.stderrText()).contains("quota");
    }

    @Test
    void aValueIsMadeUp() {
        Sandbox.Builder builder =
                strict().onSyscall(Syscall.GETPPID, _ -> SyscallAnswer.value(4242));
        assertThat(shell(builder, "echo $PPID")).exited(0).printed("4242\n");
        assertThat(shell(strict(), "echo $PPID")).exited(0).printed("1\n");
    }

    @Test
    void aDescriptorOfTheJvmIsPutInPlaceOfAFile(@TempDir Path directory) throws IOException {
        Path secret = Files.writeString(directory.resolve("granted"), "granted\n");
        int file = Kernel.open(secret.toString(), 0x80000, 0);
        try {
            Sandbox.Builder builder =
                    strict().onSyscall(
                                    Syscall.OPENAT,
                                    request ->
                                            request.text(1).equals(java.util.Optional.of("/broker"))
                                                    ? SyscallAnswer.descriptor(file)
                                                    : SyscallAnswer.allow());
            assertThat(shell(builder, "cat /broker")).exited(0).printed("granted\n");
            assertThat(shell(strict(), "cat /broker")).exited(1);
        } finally {
            Kernel.close(file);
        }
    }

    @Test
    void anAnswerThatKillsEndsTheRunAndNamesTheCall() {
        SandboxResult result =
                shell(
                        strict().onSyscall(Syscall.GETPPID, _ -> SyscallAnswer.kill()),
                        "echo not reached");
        assertThat(result.outcome()).isEqualTo(new Outcome.PolicyViolated("getppid"));
        assertThat(result.stdoutText()).isEmpty();
    }

    @Test
    void aHandlerThatIsLateIsAnErrorAndIsInterrupted() throws InterruptedException {
        CountDownLatch interrupted = new CountDownLatch(1);
        Sandbox.Builder builder =
                onMkdir(_ -> {
                    try {
                        Thread.sleep(Duration.ofMinutes(5));
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return SyscallAnswer.allow();
                });
        builder.syscallHandling(new SyscallHandling(Duration.ofMillis(200), Errno.EACCES, 8));
        SandboxResult result = mkdir(builder);
        assertThat(result).exited(1);
        assertThat(result.stderrText()).contains("Permission denied");
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aHandlerThatFailsIsAnError() {
        SandboxResult result =
                mkdir(
                        onMkdir(_ -> {
                            throw new IOException("the registry is down");
                        }));
        assertThat(result).exited(1);
        assertThat(result.stderrText()).contains("not permitted");
    }

    @Test
    @SuppressWarnings("NullAway")
    void noAnswerIsAnError() {
        assertThat(mkdir(onMkdir(_ -> null))).exited(1);
    }

    @Test
    void aDescriptorThatIsNotOpenIsAnError() {
        SandboxResult result = mkdir(onMkdir(_ -> SyscallAnswer.descriptor(1_000_000)));
        assertThat(result).exited(1);
    }

    @Test
    void noMoreCallsAreWithHandlersThanMayBe() {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        LongAdder all = new LongAdder();
        Sandbox.Builder builder =
                onMkdir(_ -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    all.increment();
                    Thread.sleep(50);
                    now.decrementAndGet();
                    return SyscallAnswer.allow();
                });
        builder.syscallHandling(new SyscallHandling(Duration.ofSeconds(20), Errno.EPERM, 2));
        String script =
                "for i in 1 2 3 4 5 6 7 8 9 10; do mkdir /tmp/$i & done; wait; ls /tmp | wc -l";
        assertThat(shell(builder, script)).exited(0).printed("10\n");
        assertThat(all.sum()).isEqualTo(10);
        assertThat(most.get()).isEqualTo(2);
    }

    @Test
    void aRunThatIsCancelledWhileAHandlerThinksIsOver() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Sandbox.Builder builder =
                onMkdir(_ -> {
                    asked.countDown();
                    try {
                        Thread.sleep(Duration.ofMinutes(5));
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return SyscallAnswer.allow();
                });
        builder.syscallHandling(new SyscallHandling(Duration.ofMinutes(4), Errno.EPERM, 8));
        try (Sandbox sandbox = builder.build()) {
            SandboxProcess process =
                    sandbox.start(io.cloister.sandbox.Command.of("mkdir", "/tmp/made"));
            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            process.cancel();
            assertThat(process.waitForResult().outcome()).isInstanceOf(Outcome.Cancelled.class);
            assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void everyCallOfAProgramCanBeAnswered() {
        Map<Syscall, LongAdder> counts = new ConcurrentHashMap<>();
        Sandbox.Builder builder =
                strict().syscalls(SyscallPolicy.of(SyscallAction.NOTIFY))
                        .onOtherSyscalls(request -> {
                            counts.computeIfAbsent(request.call(), _ -> new LongAdder())
                                    .increment();
                            return request.call() == Syscall.CLONE3
                                    ? SyscallAnswer.fail(Errno.ENOSYS)
                                    : SyscallAnswer.allow();
                        });
        assertThat(shell(builder, "ls / > /tmp/list; grep -c usr /tmp/list"))
                .exited(0)
                .printed("1\n");
        assertThat(counts).containsKeys(Syscall.EXECVE, Syscall.OPENAT, Syscall.EXIT_GROUP);
        // The first execution is the sandbox's.
        assertThat(counts.get(Syscall.EXECVE).sum()).isEqualTo(2);
    }

    @Test
    void aForbiddenCallIsNamed() {
        SyscallRule rule = SyscallRule.of(Syscall.PTRACE, SyscallAction.KILL, "for debuggers");
        SandboxResult result =
                run(strict().syscalls(SyscallPolicy.standard().first(rule)), call("ptrace", "0"));
        assertThat(result.outcome()).isEqualTo(new Outcome.PolicyViolated("ptrace"));
        assertThat(result.evidence().getFirst().toString())
                .contains("ptrace(0x0", "closed by \"ptrace: kill, for debuggers\"");
        assertThat(run(strict(), call("ptrace", "0"))).exited(0);
    }

    @Test
    void aForbiddenArgumentIsNamed() {
        SyscallRule rule =
                SyscallRule.of(
                        Syscall.SOCKET,
                        SyscallAction.KILL,
                        "no UDP",
                        io.cloister.sandbox.syscall.ArgumentTest.intIs(0, 2),
                        io.cloister.sandbox.syscall.ArgumentTest.intBitsAre(1, 0xf, 2));
        Sandbox.Builder builder = strict().syscalls(SyscallPolicy.standard().first(rule));
        // The upper half of an int is nothing to the kernel.
        SandboxResult udp = run(builder, call("socket", "0xdead00000002", "2", "0"));
        assertThat(udp.outcome())
                .isEqualTo(new Outcome.PolicyViolated("socket(arg0 = 0x2, arg1 = 0x2)"));
        assertThat(run(builder, call("socket", "2", "1", "0"))).exited(0);
    }

    @Test
    void aForbiddenCallOfADescendantEndsTheRun() {
        SyscallRule rule = SyscallRule.of(Syscall.SETSID, SyscallAction.KILL, "no daemons");
        Sandbox.Builder builder = strict().syscalls(SyscallPolicy.standard().first(rule));
        SandboxResult result = shell(builder, "setsid sleep 30 & sleep 20; echo not reached");
        assertThat(result.outcome()).isEqualTo(new Outcome.PolicyViolated("setsid"));
        assertThat(result.usage().wallTime()).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void aNumberThatIsNoCallIsNamedByItsNumber() {
        SyscallPolicy policy = SyscallPolicy.standard().unknown(SyscallAction.KILL);
        SandboxResult result = run(strict().syscalls(policy), call("4000"));
        assertThat(result.outcome()).isEqualTo(new Outcome.PolicyViolated("system call 4000"));
    }

    @Test
    void aProgramMayBeForbiddenToExecuteOthers() {
        for (SyscallAction action : List.of(SyscallAction.fail(Errno.EACCES), SyscallAction.KILL)) {
            SyscallRule rule = SyscallRule.of(Syscall.EXECVE, action, "one program alone");
            Sandbox.Builder builder = strict().syscalls(SyscallPolicy.standard().first(rule));
            assertThat(shell(builder, "echo alone")).exited(0).printed("alone\n");
            SandboxResult result = shell(builder, "/bin/true; exit $?");
            assertThat(result.outcome())
                    .isEqualTo(
                            action == SyscallAction.KILL
                                    ? new Outcome.PolicyViolated("execve")
                                    : new Outcome.Exited(126));
        }
        assertThat(shell(strict(), "/bin/true; exit $?")).exited(0);
    }

    @Test
    void aProgramThatIsNotThereIsToldThoughNothingIsAllowed() {
        org.assertj.core.api.Assertions.assertThatThrownBy(() ->
                        run(strict().syscalls(SyscallPolicy.of(SyscallAction.KILL)), "/nowhere"))
                .hasMessageContaining("ENOENT");
    }

    @Test
    void runsWithListenersLeaveNoDescriptor() {
        Sandbox.Builder builder = strict().onSyscall(Syscall.GETPPID, _ -> SyscallAnswer.value(7));
        shell(builder, "echo $PPID");
        int before = Host.descriptors().size();
        int runs = 60;
        for (int i = 0; i < runs; i++) {
            assertThat(shell(builder, "echo $PPID")).printed("7\n");
        }
        // Less than one of each run; what earlier tests left idle may be made ready again.
        Host.await("close of descriptors", () -> Host.descriptors().size() < before + runs / 2);
    }

    @Test
    void whatThePolicyRefusesNoHandlerAllows() {
        Queue<String> asked = new ConcurrentLinkedQueue<>();
        Sandbox.Builder builder =
                strict().onSyscall(
                                Syscall.SOCKET,
                                request -> {
                                    asked.add("" + request.intArgument(0));
                                    return SyscallAnswer.allow();
                                });
        assertThat(run(builder, call("socket", "40", "1", "0"))).failedWith(Errno.EAFNOSUPPORT);
        assertThat(asked).isEmpty();
        assertThat(run(builder, call("socket", "2", "1", "0"))).exited(0);
        assertThat(asked).containsExactly("2");
    }

    @Test
    void aHandlerIsAskedWhateverThePolicyIsSetToLater() {
        Sandbox.Builder builder =
                strict().onSyscall(Syscall.GETPPID, _ -> SyscallAnswer.value(9))
                        .syscalls(SyscallPolicy.standard().allow(Syscall.GETPPID));
        assertThat(shell(builder, "echo $PPID")).exited(0).printed("9\n");
    }

    @Test
    void aFileThatTheJvmOpensIsPutInPlaceOfAnother(@TempDir Path directory) throws IOException {
        Path granted = Files.writeString(directory.resolve("granted"), "granted\n");
        for (Path file : List.of(granted, directory.resolve("missing"))) {
            Sandbox.Builder builder =
                    strict().onSyscall(
                                    Syscall.OPENAT,
                                    request ->
                                            request.text(1).equals(java.util.Optional.of("/broker"))
                                                    ? SyscallAnswer.file(file, false)
                                                    : SyscallAnswer.allow());
            SandboxResult result = shell(builder, "cat /broker && ! echo x >&0 < /broker");
            if (file.equals(granted)) {
                assertThat(result).exited(0).printed("granted\n");
            } else {
                assertThat(result).exited(1);
                assertThat(result.stderrText()).contains("No such file");
            }
        }
    }

    @Test
    void aProgramWithoutRoomForADescriptorIsToldSo(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("f"), "x");
        Sandbox.Builder builder =
                strict().rlimit(io.cloister.sandbox.policy.Rlimit.NOFILE, 3, 3)
                        .onSyscall(Syscall.MKDIR, _ -> SyscallAnswer.file(file, false));
        Assumptions.assumeTrue(
                Kernel.cpu() == CpuArchitecture.X86_64, "needs mkdir(2): not on this CPU");
        assertThat(run(builder, call("83", "s:/tmp/x"))).failedWith(Errno.EMFILE);
    }

    @Test
    void aForbiddenCallEndsTheRunWhileHandlersThink() {
        CountDownLatch never = new CountDownLatch(1);
        SyscallHandler stubborn =
                _ -> {
                    while (true) {
                        try {
                            never.await();
                            return SyscallAnswer.allow();
                        } catch (InterruptedException e) {
                            // As a handler that is deep in somebody else's code.
                            Thread.onSpinWait();
                        }
                    }
                };
        Sandbox.Builder builder =
                onMkdir(stubborn)
                        .syscallHandling(
                                new SyscallHandling(Duration.ofMillis(100), Errno.EPERM, 1));
        builder.syscalls(SyscallPolicy.standard().kill(Syscall.SETSID));
        String script =
                "for i in 1 2 3 4 5 6 7 8; do mkdir /tmp/$i & done; wait; ls /tmp | wc -l;"
                        + " setsid true; sleep 20; echo not reached";
        try {
            SandboxResult result = shell(builder, script);
            assertThat(result.outcome()).isEqualTo(new Outcome.PolicyViolated("setsid"));
            assertThat(result).text().isEqualTo("0\n");
        } finally {
            never.countDown();
        }
    }

    @Test
    void whatWasWrittenBeforeAForbiddenCallIsThere() {
        Sandbox.Builder builder =
                strict().syscalls(SyscallPolicy.standard().kill(Syscall.GETPGRP, Syscall.GETPGID));
        for (int i = 0; i < 20; i++) {
            SandboxResult result =
                    run(
                            builder,
                            "/usr/bin/perl",
                            "-e",
                            "syswrite(STDOUT, 'before'); getpgrp(0); syswrite(STDOUT, 'after')");
            assertThat(result.outcome()).isInstanceOf(Outcome.PolicyViolated.class);
            assertThat(result.stdoutText()).isEqualTo("before");
            assertThat(result.usage().wallTime()).isPositive();
        }
    }

    @Test
    void aRequestSaysWhatWasAsked() {
        Queue<SyscallRequest> requests = new ConcurrentLinkedQueue<>();
        Queue<String> bytes = new ConcurrentLinkedQueue<>();
        Sandbox.Builder builder =
                onMkdir(request -> {
                    requests.add(request);
                    int path = request.call() == Syscall.MKDIR ? 0 : 1;
                    bytes.add(
                            new String(
                                    request.bytes(path, 4).orElseThrow(),
                                    java.nio.charset.StandardCharsets.US_ASCII));
                    return SyscallAnswer.allow();
                });
        assertThat(mkdir(builder)).exited(0);
        SyscallRequest request = requests.element();
        int mode = request.call() == Syscall.MKDIR ? 1 : 2;
        assertThat(request.intArgument(mode)).isEqualTo(0777);
        assertThat(request.thread()).isPositive();
        assertThat(bytes).containsExactly("/tmp");
        // It is over: another process may have the id.
        assertThat(request.text(mode - 1)).isEmpty();
    }
}
