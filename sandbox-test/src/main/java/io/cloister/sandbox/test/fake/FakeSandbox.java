package io.cloister.sandbox.test.fake;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.Sandboxes;
import io.cloister.sandbox.spi.SandboxProvider;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Sandboxes that run nothing, for tests on machines without a provider, and for ends that are hard
/// to bring about.
///
/// {@snippet :
/// FakeSandbox fake = FakeSandbox.builder()
///         .when("cc").exits(1).complains("main.c:1: error\n")
///         .when("./a.out").limitReached(Limit.MEMORY)
///         .build();
/// try (Sandbox sandbox = Sandbox.builder().provider(fake.provider()).build()) {
///     sandbox.run("cc", "main.c");
/// }
/// }
///
/// It is used where a test says so: by [Sandbox.Builder#provider(SandboxProvider)], or by
/// [#install()] for programs that make their sandboxes themselves.
///
/// # What is real
///
/// All that the API does itself: builders refuse what they refuse, budgets and pools count, futures
/// can be cancelled, closed sandboxes throw. Streams go where the command says. The limits on wall
/// time and output are kept, since a scripted delay or output can reach them. Sessions have files,
/// in memory, which are writable where the policy makes them so.
///
/// # What is not
///
/// No program runs and **nothing is enforced**; [io.cloister.sandbox.SandboxResult#enforced()] says
/// so. There are no terminals and no pipelines: they are refused with a
/// [SandboxUnavailableException].
///
/// Thread-safe. There is nothing to close.
public final class FakeSandbox {
    private final List<Scripted> rules;
    private final HostReport report;
    private final Optional<SandboxUnavailableException> refusal;
    private final List<FakeRun> runs = new CopyOnWriteArrayList<>();
    private final List<SandboxSpec> policies = new CopyOnWriteArrayList<>();
    private final SandboxProvider provider = new FakeSandboxProvider(this);

    private FakeSandbox(Builder builder) {
        rules = new CopyOnWriteArrayList<>(builder.scripted());
        report = builder.report;
        refusal = builder.refusal;
    }

    /// {@return a builder without rules}
    public static Builder builder() {
        return new Builder();
    }

    /// {@return what makes the sandboxes, for [Sandbox.Builder#provider(SandboxProvider)]}
    public SandboxProvider provider() {
        return provider;
    }

    /// Lets it make all sandboxes of this JVM that do not name another provider, until what is
    /// returned is closed; see [Sandboxes#replaceProvider(SandboxProvider)]. Tests that do this
    /// must not run side by side.
    ///
    /// @return what ends it
    /// @throws IllegalStateException if another fake is installed
    public Sandboxes.Replacement install() {
        return Sandboxes.replaceProvider(provider);
    }

    /// Adds rules, which come before those that are there.
    ///
    /// @param more adds rules to a new builder, of which nothing else is used
    public void script(Consumer<Builder> more) {
        Builder builder = new Builder();
        more.accept(builder);
        rules.addAll(0, builder.scripted());
    }

    /// {@return the commands that were asked for so far, in their order, each with its policy}
    public List<FakeRun> runs() {
        return List.copyOf(runs);
    }

    /// {@return the commands that were asked for so far, in their order}
    public List<Command> commands() {
        return runs.stream().map(FakeRun::command).toList();
    }

    /// {@return the policies of the sandboxes that were made so far, in their order}
    public List<SandboxSpec> policies() {
        return List.copyOf(policies);
    }

    HostReport report() {
        return report;
    }

    /// Notes that a sandbox is made, and refuses it where that is scripted.
    void opened(SandboxSpec spec) {
        refusal.ifPresent(scripted -> {
            // Each caller gets its own: an exception is changed when it is thrown on.
            throw new SandboxUnavailableException(
                    withoutRemedy(scripted), scripted.missing(), scripted.remedy());
        });
        policies.add(spec);
    }

    private static String withoutRemedy(SandboxUnavailableException scripted) {
        String message = Objects.requireNonNull(scripted.getMessage());
        return message.substring(0, message.length() - scripted.remedy().length() - 2);
    }

    /// Notes a run, and finds out how it goes.
    ///
    /// @throws IllegalStateException if no rule is for it
    Scripted begin(FakeRun run) {
        runs.add(run);
        return rules.stream()
                .filter(rule -> rule.takes(run.command()))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalStateException(
                                ("the fake sandbox has no rule for %s %s; add when(...) for it, or"
                                                + " otherwise()")
                                        .formatted(
                                                run.command().program(),
                                                run.command().arguments())));
    }

    /// Collects rules: the first one that is for a command says how it ends. A command for which
    /// there is none is refused with an [IllegalStateException]. Not thread-safe.
    public static final class Builder {
        private final List<FakeRule> rules = new ArrayList<>();
        private Optional<SandboxUnavailableException> refusal = Optional.empty();
        private HostReport report =
                new HostReport(
                        "a fake sandbox",
                        List.of(
                                new Feature(
                                        "sandboxes",
                                        Status.LIMITED,
                                        "nothing runs and nothing is enforced: this is for tests",
                                        "",
                                        true)));

        private Builder() {}

        /// Begins a rule.
        ///
        /// @param command says which commands it is for
        /// @return the rule, which ends the command with exit code 0 unless it is told otherwise
        public FakeRule when(Predicate<? super Command> command) {
            Objects.requireNonNull(command, "command");
            FakeRule rule = new FakeRule(this, command);
            rules.add(rule);
            return rule;
        }

        /// Begins a rule for commands that begin with these words.
        ///
        /// @param program the program
        /// @param arguments its first arguments
        /// @return the rule, which ends the command with exit code 0 unless it is told otherwise
        public FakeRule when(String program, String... arguments) {
            List<String> words = Stream.concat(Stream.of(program), Stream.of(arguments)).toList();
            return when(command -> {
                List<String> theirs =
                        Stream.concat(Stream.of(command.program()), command.arguments().stream())
                                .toList();
                return theirs.size() >= words.size()
                        && theirs.subList(0, words.size()).equals(words);
            });
        }

        /// Begins a rule for all commands that no earlier one is for.
        ///
        /// @return the rule, which ends the command with exit code 0 unless it is told otherwise
        public FakeRule otherwise() {
            return when(_ -> true);
        }

        /// Sets what [Sandboxes#probe()] tells while the fake is installed. By default it says that
        /// this is a fake.
        ///
        /// @param report the report
        /// @return this builder
        public Builder reports(HostReport report) {
            this.report = Objects.requireNonNull(report, "report");
            return this;
        }

        /// Refuses all sandboxes, as a host does that cannot enforce a policy.
        ///
        /// @param refusal what is thrown, a new one each time
        /// @return this builder
        public Builder refuses(SandboxUnavailableException refusal) {
            this.refusal = Optional.of(refusal);
            return this;
        }

        /// {@return the fake}
        public FakeSandbox build() {
            return new FakeSandbox(this);
        }

        private List<Scripted> scripted() {
            return rules.stream().map(FakeRule::scripted).toList();
        }
    }
}
