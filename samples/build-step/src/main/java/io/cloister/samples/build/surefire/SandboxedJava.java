package io.cloister.samples.build.surefire;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Outcome.Cancelled;
import io.cloister.sandbox.Outcome.Exited;
import io.cloister.sandbox.Outcome.LimitReached;
import io.cloister.sandbox.Outcome.PolicyViolated;
import io.cloister.sandbox.Outcome.Signalled;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.VisibleText;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// `sandboxed/bin/java`: takes the arguments of `java`, and runs that `java` in a sandbox.
///
/// Its exit status is that of the tests; [#FOUND] if they succeeded, but tried what no test needs;
/// [#NOT_RUN] if they did not run.
public final class SandboxedJava {
    /// The exit status of tests that tried what no test needs.
    static final int FOUND = 99;

    /// The exit status where nothing was run.
    static final int NOT_RUN = 125;

    private static final int LONGEST = 2000;
    private static final int SIGNALLED = 128;
    private static final int KILLED = SIGNALLED + 9;

    private SandboxedJava() {}

    /// Runs the tests and exits the JVM.
    ///
    /// @param arguments those of `java`
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments)));
    }

    private static int run(List<String> arguments) {
        try {
            Path directory = Path.of("").toAbsolutePath();
            String user = System.getenv().getOrDefault("HOME", System.getProperty("user.home"));
            Path home = Path.of(user).toAbsolutePath().normalize();
            home = Files.exists(home) ? home.toRealPath() : home;
            Path project = TestPolicy.project(directory, home);
            Settings settings = Settings.read(System.getenv(), List.of(directory, project));
            return run(Invocation.of(arguments, directory), settings, project, home);
        } catch (SandboxException
                | IllegalArgumentException
                | IOException
                | UncheckedIOException e) {
            // The message of many an IOException is a path alone.
            boolean isInput = e instanceof IOException || e.getMessage() == null;
            say("the tests were not run to their end: " + (isInput ? e : e.getMessage()));
            return NOT_RUN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return NOT_RUN;
        }
    }

    private static int run(Invocation invocation, Settings settings, Path project, Path home)
            throws IOException, InterruptedException {
        Optional<ProcessHandle> maven =
                invocation
                        .booter()
                        .flatMap(it -> it.property("pluginPid"))
                        .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)));
        Path java =
                JavaHome.find(
                                settings.text("java-home"),
                                Optional.ofNullable(System.getenv("JAVA_HOME")),
                                Path.of(System.getProperty("build-step.sandboxed", "/")),
                                callers(maven))
                        .toRealPath();
        TestPolicy policy = new TestPolicy(invocation, settings, project, java, home);
        Optional<Path> reports = policy.reports();
        EventStream events = new EventStream();
        Watch watch = new Watch(hidden(policy), events);
        try (Sandbox sandbox = policy.sandbox().onOtherSyscalls(watch).build();
                Channel channel = Channel.open(invocation)) {
            SandboxProcess tests = sandbox.start(command(policy, channel, events));
            watch.main(tests.pid());
            // The tests are not to outlive the build. What else ends this JVM ends them too.
            Stream.concat(maven.stream(), ProcessHandle.current().parent().stream())
                    .forEach(it -> it.onExit().thenRun(tests::cancel));
            return end(tests.waitForResult(), policy, reports, watch);
        }
    }

    private static Stream<Path> callers(Optional<ProcessHandle> maven) {
        Stream<ProcessHandle> parents =
                Stream.iterate(
                                ProcessHandle.current().parent(),
                                Optional::isPresent,
                                it -> it.flatMap(ProcessHandle::parent))
                        .flatMap(Optional::stream);
        return Stream.concat(maven.stream(), parents)
                .flatMap(it -> it.info().command().stream())
                .map(Path::of);
    }

    private static Hidden hidden(TestPolicy policy) {
        List<Path> places = new ArrayList<>(Hidden.KEYS);
        places.add(policy.home());
        List<Path> shown = new ArrayList<>(policy.readable());
        policy.writable().ifPresent(shown::add);
        policy.settings().list("tolerate").forEach(it -> shown.add(Path.of(it)));
        return new Hidden(policy.invocation().directory(), places, shown, Files::exists);
    }

    private static Command command(TestPolicy policy, Channel channel, EventStream events) {
        List<String> words = new ArrayList<>();
        words.add(policy.java().resolve("bin/java").toString());
        words.addAll(policy.invocation().argumentsInside(TestPolicy.BOOTER));
        return Command.of(words)
                .stdin(channel.input())
                .stdout(Output.consumer(bytes -> pass(bytes, channel, events)))
                .stderr(Output.inherit());
    }

    private static void pass(ByteBuffer bytes, Channel channel, EventStream events) {
        events.accept(bytes);
        try {
            channel.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("Maven takes no more of what the tests write", e);
        }
    }

    private static int end(
            SandboxResult result, TestPolicy policy, Optional<Path> reports, Watch watch)
            throws IOException {
        int status =
                switch (result.outcome()) {
                    case Exited(int code) -> code;
                    case Signalled(var signal) -> {
                        watch.ended("signal " + signal);
                        yield SIGNALLED + signal.number();
                    }
                    case LimitReached(var limit) -> {
                        watch.ended(limit + " limit reached; " + result.evidence());
                        yield KILLED;
                    }
                    case PolicyViolated(var call) -> {
                        watch.ended("forbidden system call " + call);
                        yield KILLED;
                    }
                    case Cancelled _ -> KILLED;
                };
        Report report =
                new Report(
                        policy.invocation().booter().map(Invocation.Booter::run).orElse(""),
                        status,
                        policy.java().toString(),
                        result.usage().cpuTime().map(Duration::toMillis).orElse(0L) / 1000.0,
                        watch.acts(),
                        result.enforced().stream().map(Object::toString).toList());
        report.lines().forEach(SandboxedJava::say);
        if (reports.isPresent()) {
            report.write(reports.get());
        }
        boolean fails = policy.settings().is("fail") && !report.acts().isEmpty();
        return status == 0 && fails ? FOUND : status;
    }

    private static void say(String line) {
        System.err.println("sandboxed java: " + VisibleText.line(line, LONGEST));
    }
}
