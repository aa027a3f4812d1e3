package io.cloister.sandbox;

import io.cloister.sandbox.check.Paths;
import io.cloister.sandbox.policy.IdRange;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.spi.Plumbing;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.spi.SandboxProvider;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallHandler;
import io.cloister.sandbox.syscall.SyscallHandlers;
import io.cloister.sandbox.syscall.SyscallHandling;
import io.cloister.sandbox.syscall.SyscallPolicy;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// Runs commands under one policy, each in a sandbox of its own.
///
/// Nothing of one run is visible to another, but for what a [SharingBuilder] shares. Immutable and
/// thread-safe; whoever made it closes it, which kills what still runs.
public final class Sandbox implements AutoCloseable {
    private final SandboxSpec spec;
    private final SandboxBackend backend;
    private final Admission admission;
    private final SyscallHandlers handlers;
    private final Joins joins;
    private final SandboxProvider provider;
    private final RunListeners listeners;
    private final Underway underway = new Underway();
    private final Object closing = new Object();
    private volatile boolean shut;
    private volatile boolean closed;
    private boolean released;

    private Sandbox(
            SandboxSpec spec,
            SandboxBackend backend,
            Admission admission,
            SyscallHandlers handlers,
            Joins joins,
            SandboxProvider provider,
            RunListeners listeners) {
        this.spec = spec;
        this.backend = backend;
        this.admission = admission;
        this.handlers = handlers;
        this.joins = joins;
        this.provider = provider;
        this.listeners = listeners;
    }

    /// {@return a builder that starts from [SandboxSpec#strict()]}
    public static Builder builder() {
        return new Builder(
                SpecDraft.strict(),
                Optional.empty(),
                SyscallHandlers.none(),
                new Joins(),
                Optional.empty(),
                RunListeners.none());
    }

    /// {@return a builder that starts from a policy}
    ///
    /// @param spec the policy
    public static Builder from(SandboxSpec spec) {
        return new Builder(
                SpecDraft.of(spec),
                Optional.empty(),
                SyscallHandlers.none(),
                new Joins(),
                Optional.empty(),
                RunListeners.none());
    }

    /// {@return a sandbox with this policy}
    ///
    /// @param spec the policy
    /// @throws IllegalArgumentException if it asks the JVM about system calls: their handlers are
    ///   no part of a policy, see [Builder#onSyscall(Syscall, SyscallHandler)]
    /// @throws SandboxUnavailableException if this host cannot enforce all of it
    public static Sandbox of(SandboxSpec spec) {
        return of(spec, Sandboxes.provider());
    }

    static Sandbox of(SandboxSpec spec, SandboxProvider provider) {
        return of(
                spec,
                provider,
                Optional.empty(),
                SyscallHandlers.none(),
                new Joins(),
                RunListeners.none());
    }

    private static Sandbox of(
            SandboxSpec spec,
            SandboxProvider provider,
            Optional<ResourceBudget> budget,
            SyscallHandlers handlers,
            Joins joins,
            RunListeners listeners) {
        Objects.requireNonNull(spec, "spec");
        handlers.require(spec.syscalls());
        Admission admission = new Admission(budget, spec.limits());
        SandboxBackend backend =
                joins.joined()
                        .map(joined -> provider.open(spec, handlers, joined))
                        .orElseGet(() -> provider.open(spec, handlers));
        return new Sandbox(spec, backend, admission, handlers, joins, provider, listeners);
    }

    /// {@return the policy}
    public SandboxSpec spec() {
        return spec;
    }

    /// {@return a builder that starts from the policy, the budget, the handlers, the joined
    /// session, the provider and the listeners of this sandbox}
    public Builder toBuilder() {
        return new Builder(
                SpecDraft.of(spec),
                admission.budget(),
                handlers,
                joins.copy(),
                Optional.of(provider),
                listeners);
    }

    /// Runs a command and waits for its end.
    ///
    /// Where the command leaves them open, standard input is empty and both outputs are captured.
    /// May be called from a virtual thread, which it does not pin.
    ///
    /// @param command what to run
    /// @return how it ended, what it used and what it wrote
    /// @throws InterruptedException if the thread is interrupted; the whole tree is dead then
    /// @throws IllegalArgumentException if a stream of the command is a pipe: nobody could use it
    /// @throws IllegalStateException if this sandbox is closed
    /// @throws BudgetExceededException if its budget has no room for the run in time
    /// @throws SandboxException if the command did not run, or could not be watched to its end
    public SandboxResult run(Command command) throws InterruptedException {
        Underway.Work work = underway.begin();
        try {
            checkOpen();
            Command unattended = unattended(command);
            if (!command.outputFiles().isEmpty()) {
                // The tree is gone with the last process of its namespaces: a session keeps it.
                try (SandboxSession session = openFor(unattended)) {
                    return session.run(unattended);
                }
            }
            return listeners
                    .announce(unattended)
                    .start(announced -> admission.start(() -> backend.launch(announced)))
                    .waitForResult();
        } finally {
            work.end();
        }
    }

    private SandboxSession openFor(Command command) throws InterruptedException {
        try {
            return admission.open(backend::open, listeners);
        } catch (SandboxException e) {
            listeners.announce(command).failed(e);
            throw e;
        }
    }

    /// Runs a program with arguments and waits for its end; see [#run(Command)].
    ///
    /// @param program the program
    /// @param args its arguments
    /// @return how it ended, what it used and what it wrote
    /// @throws InterruptedException if the thread is interrupted; the whole tree is dead then
    public SandboxResult run(String program, String... args) throws InterruptedException {
        return run(Command.of(program, args));
    }

    /// Starts a command and returns once its program has been executed.
    ///
    /// Where the command leaves them open, its streams are pipes to the methods of
    /// [SandboxProcess].
    ///
    /// @param command what to run
    /// @return the running command
    /// @throws IllegalArgumentException if the command has outputs to collect, see
    ///   [Command#collect(OutputFiles)]: [#run(Command)] does that
    /// @throws IllegalStateException if this sandbox is closed
    /// @throws BudgetExceededException if its budget has no room for the run in time, or the thread
    ///   is interrupted while it waits for room; it stays interrupted then
    /// @throws SandboxException if the command did not run
    public SandboxProcess start(Command command) {
        Underway.Work work = underway.begin();
        try {
            checkOpen();
            requireNoOutputs(command);
            Command piped = command.withDefaults(Input.pipe(), Output.pipe(), Output.pipe());
            return work.endWith(
                    listeners
                            .announce(piped)
                            .start(announced -> admission.start(() -> backend.start(announced))));
        } catch (InterruptedException e) {
            work.end();
            throw interrupted(e);
        } catch (Throwable e) {
            work.end();
            throw e;
        }
    }

    /// Opens a sandbox that stays, for many commands. Its budget, if there is one, is taken until
    /// it is closed.
    ///
    /// @return the session; whoever opens it closes it, and it ends with this sandbox at the latest
    /// @throws IllegalStateException if this sandbox is closed
    /// @throws SandboxUnavailableException if the policy leaves it on the host's processes or in
    ///   the confined tier, where nothing could keep its commands together
    /// @throws BudgetExceededException if its budget has no room in time, or the thread is
    ///   interrupted while it waits for room; it stays interrupted then
    /// @throws SandboxException if it could not be set up
    public SandboxSession open() {
        Underway.Work work = underway.begin();
        try {
            SandboxSession session = openSpare();
            session.onEnd().whenComplete((_, _) -> work.end());
            return session;
        } catch (Throwable e) {
            work.end();
            throw e;
        }
    }

    /// As [#open()], for a pool: that a session waits for a lease is no work.
    SandboxSession openSpare() {
        checkOpen();
        try {
            return admission.open(backend::open, listeners);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /// A lease of a pool of this sandbox.
    Underway.Work beginLease() {
        return underway.begin();
    }

    private static BudgetExceededException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new BudgetExceededException(
                "the thread was interrupted while it waited for room in the budget", e);
    }

    /// Starts a command as [#run(Command)] does, and returns the future of its result. If its
    /// budget has no room yet, another thread waits and starts it then.
    ///
    /// Cancelling the future kills the whole tree before `cancel` returns; a future that a timeout
    /// or another thread completes kills it too, without waiting. Stages derived from the future do
    /// not.
    ///
    /// @param command what to run
    /// @return a future that completes with the result, or exceptionally with the
    ///   [SandboxException] for which the command did not run
    /// @throws IllegalArgumentException if a stream of the command is a pipe: nobody could use it;
    ///   or it has outputs to collect, see [Command#collect(OutputFiles)]: [#run(Command)] does
    ///   that
    /// @throws IllegalStateException if this sandbox is closed
    public CompletableFuture<SandboxResult> runAsync(Command command) {
        Command unattended = unattended(command);
        Underway.Work work = underway.begin();
        try {
            checkOpen();
            requireNoOutputs(command);
            RunListeners.Announced run = listeners.announce(unattended);
            return admission.startAsync(
                    () -> work.endWith(run.started(backend.launch(run.command()))),
                    problem -> {
                        work.end();
                        run.failed(problem);
                    });
        } catch (SandboxException e) {
            work.end();
            return CompletableFuture.failedFuture(e);
        } catch (Throwable e) {
            work.end();
            throw e;
        }
    }

    /// Tells what [#run(Command)] would do, step by step, without doing any of it.
    ///
    /// @param command what to run
    /// @return text for people, one step a line; it holds no value of the environment and nothing
    ///   of the input
    /// @throws IllegalStateException if this sandbox is closed
    public String explain(Command command) {
        checkOpen();
        return backend.explain(
                command.withDefaults(Input.empty(), Output.capture(), Output.capture()));
    }

    /// Takes no more runs, sessions and stages of pipelines: they are refused with an
    /// [IllegalStateException]. What runs goes on, and what waits for its budget is started.
    /// Sessions that are open go on taking commands. [#close()] ends all of it.
    public void shutdown() {
        shut = true;
    }

    /// Waits until nothing is under way: no run, one that waits for its budget included, no session
    /// that is open, and no lease of a pool. After [#shutdown()] it stays so, but for leases of
    /// pools that are not closed.
    ///
    /// @param timeout how long; 0 or less looks without waiting
    /// @return whether nothing is under way
    /// @throws InterruptedException if the thread is interrupted while it waits
    public boolean awaitIdle(Duration timeout) throws InterruptedException {
        return underway.awaitNone(timeout);
    }

    /// Kills all processes of all runs and returns when they are dead. Their outcome is
    /// [Outcome.Cancelled]. A run that waits for its budget fails with an [IllegalStateException].
    /// Closing again does nothing.
    @Override
    public void close() {
        synchronized (closing) {
            if (!released) {
                closed = true;
                admission.close();
                backend.close();
                released = true;
            }
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the sandbox is closed");
        }
        if (shut) {
            throw new IllegalStateException(
                    "the sandbox is shut down: what runs goes on, and nothing new begins");
        }
    }

    boolean isOpen() {
        return !closed && !shut;
    }

    SandboxProvider provider() {
        return provider;
    }

    static void requireNoOutputs(Command command) {
        if (!command.outputFiles().isEmpty()) {
            throw new IllegalArgumentException(
                    "collect(...) must be left out here, since nothing tells when to collect; see"
                            + " run(Command), or open() and SandboxSession.files()");
        }
    }

    /// Starts a command as a stage of a pipeline, without waiting for its program.
    SandboxProcess startStage(Plumbing plumbing, int stage, Command command)
            throws InterruptedException {
        Underway.Work work = underway.begin();
        try {
            checkOpen();
            Command unattended = unattended(command);
            return work.endWith(
                    listeners
                            .announce(unattended)
                            .start(announced ->
                                    admission.start(
                                            () -> plumbing.launch(stage, backend, announced))));
        } catch (Throwable e) {
            work.end();
            throw e;
        }
    }

    static Command unattended(Command command) {
        if (command.stdin().orElse(null) instanceof Input.Pipe) {
            throw attended("stdin", "pipe()");
        }
        if (command.stdin().orElse(null) instanceof Input.Socket) {
            throw attended("stdin", "socket()");
        }
        if (command.stdout().orElse(null) instanceof Output.Pipe) {
            throw attended("stdout", "pipe()");
        }
        if (command.stderr().orElse(null) instanceof Output.Pipe) {
            throw attended("stderr", "pipe()");
        }
        return command.withDefaults(Input.empty(), Output.capture(), Output.capture());
    }

    private static IllegalArgumentException attended(String stream, String value) {
        return new IllegalArgumentException(
                "%s must not be %s here, since nobody could use it; see start(Command)"
                        .formatted(stream, value));
    }

    /// The policy in short.
    @Override
    public String toString() {
        return "Sandbox[" + spec + (closed ? ", closed]" : "]");
    }

    /// Collects a policy. Not thread-safe.
    ///
    /// Everything starts as strict as it gets: see [SandboxSpec#strict()]. A setter checks its
    /// arguments at once and throws [IllegalArgumentException]; whether settings go together is
    /// checked by [#spec()]. A call whose name begins with `host` gives up a boundary.
    public static final class Builder extends SharingBuilder<Builder> {
        private Optional<ResourceBudget> budget;
        private SyscallHandlers handlers;
        private Optional<SandboxProvider> chosen;
        private RunListeners listeners;

        private Builder(
                SpecDraft draft,
                Optional<ResourceBudget> budget,
                SyscallHandlers handlers,
                Joins joins,
                Optional<SandboxProvider> chosen,
                RunListeners listeners) {
            super(draft, joins);
            this.budget = budget;
            this.handlers = handlers;
            this.chosen = chosen;
            this.listeners = listeners;
        }

        @Override
        Builder self() {
            return this;
        }

        /// Gives the sandbox a file tree of its own. The default.
        ///
        /// @return this builder
        public Builder newMount() {
            return fresh(Namespace.MOUNT);
        }

        /// Shares the host's file tree: the program sees every file that its user on the host may
        /// see. Excludes roots, mounts, `/proc` and scratch settings.
        ///
        /// @return this builder
        public Builder hostMount() {
            return shared(Namespace.MOUNT);
        }

        /// Hides the host's processes. The default.
        ///
        /// @return this builder
        public Builder newPid() {
            return fresh(Namespace.PID);
        }

        /// Shares the host's process ids: the program sees every process. Where the kernel has no
        /// Landlock of ABI 6 (Linux 6.12), it may signal those of its user, the sandbox's own
        /// supervisor among them. If it kills that, what it started and detached lives on: that a
        /// run leaves nothing behind holds for [#newPid()] only.
        ///
        /// @return this builder
        public Builder hostPid() {
            return shared(Namespace.PID);
        }

        /// Gives the sandbox a network of its own with a loopback device and nothing else:
        /// connecting elsewhere fails with `ENETUNREACH`. The default.
        ///
        /// @return this builder
        public Builder newNet() {
            return fresh(Namespace.NET);
        }

        /// Shares the host's network: everything the host reaches, with services on its loopback
        /// device, and, where the kernel has no Landlock of ABI 6 (Linux 6.12), abstract sockets.
        ///
        /// @return this builder
        public Builder hostNet() {
            return shared(Namespace.NET);
        }

        /// Gives the sandbox System V IPC objects and message queues of its own. The default.
        ///
        /// @return this builder
        public Builder newIpc() {
            return fresh(Namespace.IPC);
        }

        /// Shares the host's System V IPC objects and message queues.
        ///
        /// @return this builder
        public Builder hostIpc() {
            return shared(Namespace.IPC);
        }

        /// Gives the sandbox a host name and a domain name of its own. The default.
        ///
        /// @return this builder
        public Builder newUts() {
            return fresh(Namespace.UTS);
        }

        /// Shows the host's name and domain name. Excludes [#hostName(String)] and
        /// [#domainName(String)].
        ///
        /// @return this builder
        public Builder hostUts() {
            return shared(Namespace.UTS);
        }

        /// Gives the sandbox user and group ids of its own. The default.
        ///
        /// @return this builder
        public Builder newUser() {
            return fresh(Namespace.USER);
        }

        /// Makes no user namespace. Under a privileged JVM the command runs as a host user that is
        /// set aside for it, never as root; under an ordinary user it runs as that user, and every
        /// other namespace must be the host's too, since only a user namespace lets it make them.
        /// Excludes [#user(int, int)], [#groups(int...)], [#mapUids(long, long, long)],
        /// [#mapGids(long, long, long)] and
        /// [#keepCapabilities(io.cloister.sandbox.policy.Capability...)].
        ///
        /// @return this builder
        public Builder hostUser() {
            return shared(Namespace.USER);
        }

        /// Hides the names of the host's control groups. The default.
        ///
        /// @return this builder
        public Builder newCgroup() {
            return fresh(Namespace.CGROUP);
        }

        /// Shows the names of the host's control groups, in `/proc/self/cgroup` for example.
        ///
        /// @return this builder
        public Builder hostCgroup() {
            return shared(Namespace.CGROUP);
        }

        /// Gives the sandbox monotonic clocks of its own. The default.
        ///
        /// @return this builder
        public Builder newTime() {
            return fresh(Namespace.TIME);
        }

        /// Shares the host's monotonic clocks. Excludes [#clockOffset(SandboxClock, Duration)].
        ///
        /// @return this builder
        public Builder hostTime() {
            return shared(Namespace.TIME);
        }

        /// Sets the user and group id that the program sees. The default is 1000 and 1000.
        ///
        /// User 0 has no more rights than another: all capabilities are dropped, but for those of
        /// [#keepCapabilities(io.cloister.sandbox.policy.Capability...)], which any user keeps.
        ///
        /// @param uid >= 0
        /// @param gid >= 0
        /// @return this builder
        public Builder user(int uid, int gid) {
            Identity checked = new Identity(uid, gid, List.of(), List.of(), List.of());
            draft.uid = checked.uid();
            draft.gid = checked.gid();
            return this;
        }

        /// Sets the supplementary groups. The default is none.
        ///
        /// In a new user namespace they must lie within the ranges of [#mapGids(long, long, long)].
        ///
        /// @param groups group ids, each >= 0
        /// @return this builder
        public Builder groups(int... groups) {
            List<Integer> list = Arrays.stream(groups).boxed().toList();
            draft.groups = new Identity(0, 0, list, List.of(), List.of()).groups();
            return this;
        }

        /// Adds a range of user ids that exist inside; see [IdRange]. By default exactly one does.
        ///
        /// @param inside the first id as the sandbox sees it
        /// @param outside the first id as the host sees it, > 0
        /// @param count how many ids, > 0
        /// @return this builder
        public Builder mapUids(long inside, long outside, long count) {
            draft.uidMap.add(new IdRange(inside, outside, count));
            return this;
        }

        /// Adds a range of group ids that exist inside; see [IdRange]. By default exactly one does.
        ///
        /// @param inside the first id as the sandbox sees it
        /// @param outside the first id as the host sees it, > 0
        /// @param count how many ids, > 0
        /// @return this builder
        public Builder mapGids(long inside, long outside, long count) {
            draft.gidMap.add(new IdRange(inside, outside, count));
            return this;
        }

        /// Sets the host name inside, 1 to 64 letters, digits, `.`, `_` or `-`. The default is
        /// `sandbox`.
        ///
        /// @param name the name
        /// @return this builder
        public Builder hostName(String name) {
            draft.hostName = Checks.hostName("hostName", name);
            return this;
        }

        /// Sets the NIS domain name inside, as [#hostName(String)]. By default the program sees
        /// `(none)`.
        ///
        /// @param name the name
        /// @return this builder
        public Builder domainName(String name) {
            draft.domainName = Checks.hostName("domainName", name);
            return this;
        }

        /// Sets what is added to a clock of the host. By default nothing is.
        ///
        /// A negative offset that would take the clock below 0 fails the launch. Source:
        /// time_namespaces(7).
        ///
        /// @param clock which clock
        /// @param offset at most 146 years in either direction
        /// @return this builder
        public Builder clockOffset(SandboxClock clock, Duration offset) {
            draft.clockOffsets.put(clock, Checks.clockOffset(clock, offset));
            return this;
        }

        /// Sets the permissions that files the program creates do not get, until it changes that
        /// itself. The default is 022. Source: umask(2).
        ///
        /// @param umask 0 to 0777
        /// @return this builder
        public Builder umask(int umask) {
            draft.umask = Checks.umask(umask);
            return this;
        }

        /// Sets an environment variable. Nothing of the JVM's environment is passed; the default is
        /// `PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin`, `HOME=/tmp` and
        /// `LANG=C.UTF-8`.
        ///
        /// @param name the name
        /// @param value its value
        /// @return this builder
        public Builder environment(String name, String value) {
            Checks.environment(name, value);
            draft.environment.put(name, value);
            return this;
        }

        /// Sets the whole environment: what was set before is dropped, the defaults as well.
        ///
        /// @param variables names to values
        /// @return this builder
        public Builder onlyEnvironment(Map<String, String> variables) {
            variables.forEach(Checks::environment);
            draft.environment.clear();
            draft.environment.putAll(variables);
            return this;
        }

        /// Sets the directory inside in which commands start. The default is `/tmp`. If there is no
        /// such directory the launch fails.
        ///
        /// @param directory an absolute path inside
        /// @return this builder
        public Builder workDirectory(String directory) {
            draft.workDirectory = Paths.inside("workDirectory", directory);
            return this;
        }

        /// Sets which system calls the program may make. The default is [SyscallPolicy#standard()].
        ///
        /// @param policy the policy
        /// @return this builder
        public Builder syscalls(SyscallPolicy policy) {
            draft.syscalls = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /// Lets the JVM answer a system call wherever the policy would make it; what the policy
        /// refuses it still refuses. The thread that makes the call waits meanwhile. A later
        /// handler of the same call takes the place of the earlier one. [SyscallHandler] says what
        /// must not be decided in one. The handler is not part of the policy; that the JVM is asked
        /// is, see [SyscallPolicy#asking(Syscall)].
        ///
        /// @param call the call; [#spec()] refuses one that the policy never makes
        /// @param handler who answers it
        /// @return this builder
        public Builder onSyscall(Syscall call, SyscallHandler handler) {
            handlers = handlers.with(call, handler);
            return this;
        }

        /// Sets who answers the calls for which the policy has [SyscallAction#NOTIFY] and
        /// [#onSyscall(Syscall, SyscallHandler)] has named nobody.
        ///
        /// @param handler who answers them
        /// @return this builder
        public Builder onOtherSyscalls(SyscallHandler handler) {
            handlers = handlers.withOthers(handler);
            return this;
        }

        /// Sets how long handlers of system calls may take, what the program sees of one that
        /// fails, and how many calls are with handlers at a time. The default is
        /// [SyscallHandling#standard()]. It is not part of the policy.
        ///
        /// @param handling the settings
        /// @return this builder
        public Builder syscallHandling(SyscallHandling handling) {
            handlers = handlers.handled(handling);
            return this;
        }

        /// Makes each run take what its limits promise from a budget that it shares with the runs
        /// of other sandboxes, and wait or be refused where there is no room. By default there is
        /// none. It is not part of the policy.
        ///
        /// @param budget the budget
        /// @return this builder
        public Builder budget(ResourceBudget budget) {
            this.budget = Optional.of(budget);
            return this;
        }

        /// Sets what makes the sandbox, in place of the provider of this system: a fake in a test,
        /// or one that stands in front of [Sandboxes#provider()]. What it does not enforce is not
        /// enforced. It is not part of the policy.
        ///
        /// @param provider the provider
        /// @return this builder
        public Builder provider(SandboxProvider provider) {
            chosen = Optional.of(provider);
            return this;
        }

        /// Adds a listener that is told of every run. By default there is none, and a run costs
        /// nothing more then. It is not part of the policy.
        ///
        /// @param listener is told after those that were added before
        /// @return this builder
        public Builder listener(RunListener listener) {
            listeners = listeners.with(listener);
            return this;
        }

        /// {@return the policy}
        ///
        /// @throws IllegalArgumentException if two settings exclude each other
        public SandboxSpec spec() {
            SyscallPolicy asking = draft.syscalls;
            for (Syscall call : handlers.byCall().keySet()) {
                asking = asking.asking(call);
            }
            joins.apply(draft);
            return draft.spec(joins.open(asking));
        }

        /// {@return a sandbox with the policy}
        ///
        /// @throws IllegalArgumentException if two settings exclude each other, or the budget could
        ///   never admit a run: a limit is above its cap, or it caps memory and the run does not
        /// @throws SandboxUnavailableException if this host cannot enforce all of it
        public Sandbox build() {
            return build(chosen.orElseGet(Sandboxes::provider));
        }

        Sandbox build(SandboxProvider provider) {
            return Sandbox.of(spec(), provider, budget, handlers, joins.copy(), listeners);
        }

        private Builder fresh(Namespace namespace) {
            draft.namespaces.add(namespace);
            joins.leave(namespace);
            return this;
        }

        private Builder shared(Namespace namespace) {
            draft.namespaces.remove(namespace);
            return this;
        }
    }
}
