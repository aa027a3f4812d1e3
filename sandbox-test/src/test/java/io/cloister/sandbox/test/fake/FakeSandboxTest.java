package io.cloister.sandbox.test.fake;

import static io.cloister.sandbox.test.assertions.SandboxAssertions.assertThat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.MemoryUsage;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.Sandboxes;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.TerminalSize;
import io.cloister.sandbox.spi.SandboxProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

@Timeout(60)
class FakeSandboxTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    private final FakeSandbox fake =
            FakeSandbox.builder()
                    .when("cc", "-c")
                    .exits(1)
                    .prints("compiling\n")
                    .complains("main.c:1: error\n")
                    .uses(u -> u.memory(MemoryUsage.ofPeak(Bytes.mebibytes(7))))
                    .when("hog")
                    .limitReached(Limit.MEMORY)
                    .when("spy")
                    .policyViolated("ptrace")
                    .when("crash")
                    .diesOf(Signal.SEGV)
                    .when("flaky")
                    .exits(2)
                    .times(2)
                    .when("flaky")
                    .exits(0)
                    .when("upper")
                    .answers(String::toUpperCase)
                    .when("slow")
                    .after(LONG)
                    .prints("begun\n")
                    .when("server")
                    .goesOn()
                    .when("missing")
                    .fails(() ->
                            new SandboxLaunchException(
                                    SetupStep.EXECUTE, -1, "missing", 2, "ENOENT", ""))
                    .when(command -> command.arguments().contains("--version"))
                    .prints("1.0\n")
                    .build();

    private Sandbox sandbox() {
        return Sandbox.builder().provider(fake.provider()).build();
    }

    @Test
    void aCommandEndsAsItsRuleSays() throws Exception {
        try (Sandbox sandbox = sandbox()) {
            assertThat(sandbox.run("cc", "-c", "main.c"))
                    .exitedWith(1)
                    .printed("compiling\n")
                    .complained("main.c:1: error\n")
                    .usedLessThan(Bytes.mebibytes(8));
            assertThat(sandbox.run("hog")).wasKilledBy(Limit.MEMORY);
            assertThat(sandbox.run("spy")).violated("ptrace");
            assertThat(sandbox.run("crash")).diedOf(Signal.SEGV);
        }
    }

    @Test
    void whatIsAskedForIsRecorded() throws Exception {
        try (Sandbox sandbox =
                Sandbox.builder()
                        .provider(fake.provider())
                        .memoryLimit(Bytes.mebibytes(64))
                        .build()) {
            sandbox.run(Command.of("cc", "-c", "a.c").environment("A", "b"));
            sandbox.run("hog");
            assertThat(fake.policies()).containsExactly(sandbox.spec());
        }
        assertThat(fake.commands()).extracting(Command::program).containsExactly("cc", "hog");
        FakeRun first = fake.runs().getFirst();
        assertThat(first.command().arguments()).containsExactly("-c", "a.c");
        assertThat(first.command().environment()).containsEntry("A", "b");
        assertThat(first.spec().limits().memory()).contains(Bytes.mebibytes(64));
        assertThat(first.limits()).isEqualTo(first.spec().limits());
        assertThat(first.inSession()).isFalse();
    }

    @Test
    void itSaysThatNothingWasEnforced() throws Exception {
        try (Sandbox sandbox = sandbox()) {
            assertThat(sandbox.run("hog").enforced())
                    .containsExactly(Enforcement.notHeld("policy", "nothing", "a fake sandbox"));
            assertThat(sandbox.explain(Command.of("hog"))).contains("runs nothing");
        }
    }

    @Test
    void aCommandWithoutARuleIsRefused() {
        try (Sandbox sandbox = sandbox()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> sandbox.run("cc", "main.c"))
                    .withMessage(
                            "the fake sandbox has no rule for cc [main.c]; add when(...) for it, or"
                                    + " otherwise()");
        }
    }

    @Test
    void aRuleCanBeForSomeCommandsOnly() throws Exception {
        try (Sandbox sandbox = sandbox()) {
            assertThat(sandbox.run("flaky")).exitedWith(2);
            assertThat(sandbox.run("flaky")).exitedWith(2);
            assertThat(sandbox.run("flaky")).exitedWith(0);
            assertThat(sandbox.run("any", "--version")).printedLines("1.0");
            fake.script(more -> more.when("flaky").exits(7));
            assertThat(sandbox.run("flaky")).exitedWith(7);
        }
    }

    @Test
    void theInputIsReadFromWhereverItComes(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("in"), "file");
        try (Sandbox sandbox = sandbox()) {
            Command upper = Command.of("upper");
            assertThat(sandbox.run(upper)).printedNothing();
            assertThat(sandbox.run(upper.stdin("bytes".getBytes(StandardCharsets.UTF_8))))
                    .printed("BYTES");
            assertThat(sandbox.run(upper.stdin(file))).printed("FILE");
            assertThat(
                            sandbox.run(
                                    upper.stdin(
                                            io.cloister.sandbox.Input.stream(
                                                    new ByteArrayInputStream(
                                                            "stream"
                                                                    .getBytes(
                                                                            StandardCharsets
                                                                                    .UTF_8))))))
                    .printed("STREAM");
            SandboxProcess process = sandbox.start(upper);
            process.getOutputStream().write("pipe".getBytes(StandardCharsets.UTF_8));
            assertThat(process.isAlive()).isTrue();
            process.getOutputStream().close();
            assertThat(process.getInputStream().readAllBytes())
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("PIPE");
            assertThat(process.waitFor()).isZero();
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> process.getOutputStream().write(1));
        }
        assertThat(fake.runs().getLast().stdinText()).isEqualTo("pipe");
    }

    @Test
    void aSocketTakesWhatTheCallerWrites() throws Exception {
        try (Sandbox sandbox = sandbox()) {
            SandboxProcess process =
                    sandbox.start(Command.of("upper").stdin(io.cloister.sandbox.Input.socket()));
            try (SocketChannel channel = process.socket()) {
                channel.write(StandardCharsets.UTF_8.encode("socket"));
                assertThat(process.isAlive()).isTrue();
            }
            assertThat(process.getInputStream().readAllBytes())
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("SOCKET");
        }
    }

    @Test
    void aCommandThatEndsWithASocketOpenFailsNowhere() throws Exception {
        AtomicReference<Throwable> failed = new AtomicReference<>();
        var before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((_, e) -> failed.set(e));
        try (Sandbox sandbox = sandbox()) {
            SandboxProcess process =
                    sandbox.start(Command.of("upper").stdin(io.cloister.sandbox.Input.socket()));
            try (SocketChannel channel = process.socket()) {
                channel.write(StandardCharsets.UTF_8.encode("half"));
                while (!fake.runs().getLast().stdinText().equals("half")) {
                    Thread.onSpinWait();
                }
                process.cancel();
                assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            }
            // The thread that read has its end a moment after.
            Thread.sleep(200);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
        assertThat(failed.get()).isNull();
    }

    @Test
    void theOutputGoesWhereTheCommandSays(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("out");
        AtomicReference<String> taken = new AtomicReference<>("");
        try (Sandbox sandbox = sandbox()) {
            Command command = Command.of("cc", "-c");
            assertThat(sandbox.run(command.mergeStderr()))
                    .printed("compiling\nmain.c:1: error\n")
                    .complainedNothing();
            assertThat(sandbox.run(command.stdout(Output.file(file)))).printedNothing();
            assertThat(file).hasContent("compiling");
            sandbox.run(command.stdout(Output.append(file)));
            assertThat(file).hasContent("compiling\ncompiling");
            sandbox.run(
                    command.stderr(
                            Output.consumer(bytes ->
                                    taken.set(StandardCharsets.UTF_8.decode(bytes).toString()))));
            assertThat(taken).hasValue("main.c:1: error\n");
            assertThat(sandbox.run(command.stdout(Output.discard()))).printedNothing();
            assertThatExceptionOfType(SandboxLaunchException.class)
                    .isThrownBy(() ->
                            sandbox.run(command.stdout(Output.file(directory.resolve("no/where")))))
                    .withMessageContaining("open streams failed");
            assertThatExceptionOfType(ArithmeticException.class)
                    .isThrownBy(() ->
                            sandbox.run(
                                    command.stdout(
                                            Output.consumer(_ -> {
                                                throw new ArithmeticException("mine");
                                            }))));
        }
    }

    @Test
    void theLimitsOnOutputAndTimeAreKept() throws Exception {
        try (Sandbox sandbox =
                Sandbox.builder()
                        .provider(fake.provider())
                        .outputLimit(Bytes.of(4))
                        .wallTimeLimit(Duration.ofMillis(50))
                        .build()) {
            assertThat(sandbox.run("cc", "-c")).wasKilledBy(Limit.OUTPUT).printed("comp");
            assertThat(sandbox.run("server"))
                    .wasKilledBy(Limit.WALL_TIME)
                    .tookLessThan(Duration.ofSeconds(30));
            // Within its limits a run ends by itself.
            assertThat(sandbox.run("crash")).diedOf(Signal.SEGV);
        }
    }

    @Test
    void whoForgetsToEndTheInputMeetsTheWallTime() throws Exception {
        try (Sandbox sandbox =
                Sandbox.builder()
                        .provider(fake.provider())
                        .wallTimeLimit(Duration.ofMillis(100))
                        .build()) {
            SandboxProcess upper = sandbox.start(Command.of("upper"));
            upper.getOutputStream().write("half".getBytes(StandardCharsets.UTF_8));
            assertThat(upper.waitForResult()).wasKilledBy(Limit.WALL_TIME);
            assertThat(upper.getInputStream().readAllBytes()).isEmpty();
        }
        try (Sandbox sandbox = sandbox()) {
            SandboxProcess upper = sandbox.start(Command.of("upper"));
            upper.cancel();
            assertThat(upper.onResult().get()).wasCancelled();
            assertThat(upper.getInputStream().readAllBytes()).isEmpty();
        }
    }

    @Test
    void whatIsDueFirstCountsHoweverLateItIsLookedAt() throws Exception {
        fake.script(more ->
                more.when("late")
                        .prints("x")
                        .after(Duration.ofMillis(200))
                        .when("early")
                        .prints("x"));
        Output slow =
                Output.consumer(_ -> {
                    try {
                        Thread.sleep(400);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
        try (Sandbox sandbox =
                Sandbox.builder()
                        .provider(fake.provider())
                        .wallTimeLimit(Duration.ofMillis(100))
                        .build()) {
            assertThat(sandbox.run(Command.of("late").stdout(slow))).wasKilledBy(Limit.WALL_TIME);
            assertThat(sandbox.run(Command.of("early").stdout(slow))).exitedWith(0);
        }
    }

    @Test
    void whatGoesOnCanBeEnded() throws Exception {
        try (Sandbox sandbox = sandbox()) {
            SandboxProcess slow = sandbox.start(Command.of("slow"));
            assertThat(slow.inputReader().readLine()).isEqualTo("begun");
            slow.cancel();
            assertThat(slow.onResult().get()).wasCancelled();
            assertThat(slow.exitValue()).isEqualTo(137);
            assertThat(slow.pid()).isGreaterThan(4_194_304);
            SandboxProcess server = sandbox.start(Command.of("server"));
            server.signal(Signal.CONT);
            assertThat(server.isAlive()).isTrue();
            assertThat(server.terminate(LONG).get()).diedOf(Signal.TERM);
            assertThat(fake.runs().getLast().signals()).containsExactly(Signal.CONT, Signal.TERM);
            CompletableFuture<SandboxResult> future = sandbox.runAsync(Command.of("server"));
            assertThat(future.cancel(true)).isTrue();
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(InterruptedException.class)
                    .isThrownBy(() -> sandbox.run("server"));
        }
        Sandbox closed = sandbox();
        SandboxProcess last = closed.start(Command.of("server"));
        closed.close();
        assertThat(last.onResult().get()).wasCancelled();
        assertThatIllegalStateException().isThrownBy(() -> closed.run("hog"));
    }

    @Test
    void aPausedRunStandsStill() throws Exception {
        fake.script(more -> more.when("brief").after(Duration.ofMillis(50)));
        try (Sandbox sandbox = sandbox()) {
            SandboxProcess brief = sandbox.start(Command.of("brief"));
            brief.pause();
            assertThat(brief.waitFor(200, java.util.concurrent.TimeUnit.MILLISECONDS)).isFalse();
            brief.resume();
            assertThat(brief.waitForResult()).exitedWith(0).tookLessThan(Duration.ofSeconds(20));
            SandboxProcess server = sandbox.start(Command.of("server"));
            server.changeLimits(limits -> limits.wallTime(Duration.ofMillis(1)));
            assertThat(server.waitForResult()).wasKilledBy(Limit.WALL_TIME);
        }
    }

    @Test
    void refusalsAreScriptedOrThoseOfTheApi() {
        try (Sandbox sandbox = sandbox()) {
            assertThatExceptionOfType(SandboxLaunchException.class)
                    .isThrownBy(() -> sandbox.run("missing"))
                    .withMessage("execute (missing) failed: ENOENT (errno 2)");
            assertThatExceptionOfType(SandboxUnavailableException.class)
                    .isThrownBy(() ->
                            sandbox.start(
                                    Command.of("cc", "-c").terminal(new TerminalSize(80, 24))))
                    .withMessageContaining("no terminals");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> sandbox.run(Command.of("cc").stdout(Output.pipe())));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> sandbox().toBuilder().hostMount().readOnly(Path.of("/srv")).build());
        FakeSandbox refusing =
                FakeSandbox.builder()
                        .refuses(new SandboxUnavailableException("no", "memory", "mount it"))
                        .build();
        assertThatExceptionOfType(SandboxUnavailableException.class)
                .isThrownBy(() -> Sandbox.builder().provider(refusing.provider()).build())
                .withMessage("no; mount it");
    }

    @Test
    @ResourceLock("the provider")
    void anInstalledFakeMakesAllSandboxesUntilItIsClosed() throws Exception {
        try (Sandboxes.Replacement installed = fake.install()) {
            assertThat(installed.provider()).isSameAs(fake.provider());
            assertThat(Sandboxes.probe().system()).isEqualTo("a fake sandbox");
            try (Sandbox sandbox = Sandbox.of(SandboxSpec.strict())) {
                assertThat(sandbox.run("hog")).wasKilledBy(Limit.MEMORY);
            }
            assertThatIllegalStateException()
                    .isThrownBy(fake::install)
                    .withMessageContaining("replaced by \"fake, which enforces nothing\" already");
        }
        assertThat(Sandboxes.probe().system()).isNotEqualTo("a fake sandbox");
        assertThat(Sandboxes.provider()).isNotSameAs(fake.provider());
    }

    @Test
    void noServiceFindsIt() {
        assertThat(ServiceLoader.load(SandboxProvider.class))
                .noneMatch(provider -> provider.getClass().getPackageName().contains("fake"));
    }

    @Test
    void aDerivedSandboxHasTheSameProvider() throws Exception {
        try (Sandbox first = sandbox();
                Sandbox second = first.toBuilder().build()) {
            assertThat(second.run("hog").outcome())
                    .isEqualTo(new Outcome.LimitReached(Limit.MEMORY));
        }
    }
}
