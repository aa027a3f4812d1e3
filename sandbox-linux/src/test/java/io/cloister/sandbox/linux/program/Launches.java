package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.plan.TestHost.ORDINARY;
import static io.cloister.sandbox.linux.plan.TestHost.PRIVILEGED;
import static io.cloister.sandbox.linux.plan.TestHost.spec;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxClock;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.linux.landlock.LandlockSupport;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.plan.Footing;
import io.cloister.sandbox.linux.plan.HostFacts;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.TestHost;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.Hardening;
import io.cloister.sandbox.policy.ProcFilesystem;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Launches of all kinds, compiled.
final class Launches {

    static final InstalledFilter FILTER =
            new InstalledFilter(new byte[5 * 8], 0, List.of(7L, 8L, 9L));
    static final int BASE = ZygoteProgram.REQUEST;

    /// One launch of each kind.
    enum Kind {
        STRICT(spec().spec(), ORDINARY),
        BINDS(binds(), ORDINARY),
        DIRECTORY_ROOT(
                spec().root(Path.of("/srv/root"))
                        .tmpfs("/w", Bytes.mebibytes(1))
                        .mount(Bind.writable(Path.of("/srv/in"), "/w/in").noexec())
                        .spec(),
                ORDINARY),
        HOST_PID(spec().hostPid().spec(), ORDINARY),
        HOST_PID_WITHOUT_LANDLOCK(
                spec().hostPid().spec(), ORDINARY.withLandlock(LandlockSupport.missing("none"))),
        HOST_NET(spec().hostNet().hostUts().spec(), ORDINARY),
        HOST_MOUNT(spec().hostMount().spec(), ORDINARY),
        PROCESSES_ONLY(
                spec().proc(ProcFilesystem.standard().view(ProcFilesystem.View.PROCESSES_ONLY))
                        .spec(),
                ORDINARY),
        CLOCKS(
                spec().clockOffset(SandboxClock.MONOTONIC, Duration.ofSeconds(-5, 7)).spec(),
                ORDINARY),
        RANGES(
                spec().mapUids(0, 100_000, 2000).mapGids(0, 100_000, 2000).groups(5).spec(),
                PRIVILEGED),
        HOST_USER(spec().hostUser().spec(), PRIVILEGED),
        KEPT(kept().spec(), ORDINARY),
        KEPT_RANGES(kept().mapUids(0, 100_000, 2000).mapGids(0, 100_000, 2000).spec(), PRIVILEGED),
        HARDENED(spec().harden(Hardening.values()).spec(), ORDINARY);

        final LaunchPlan plan;

        Kind(SandboxSpec spec, HostFacts facts) {
            plan = TestHost.plan(spec, facts);
        }

        SyscallProgram setUp(CpuArchitecture cpu) {
            return Launches.setUp(plan, Ahead.NOTHING, cpu, List.of());
        }
    }

    private Launches() {}

    private static Sandbox.Builder kept() {
        return spec().keepCapabilities(
                        Capability.CHOWN, Capability.NET_RAW, Capability.CHECKPOINT_RESTORE);
    }

    private static SandboxSpec binds() {
        return spec().readOnly(Path.of("/srv/a"), "/a")
                .writable(Path.of("/srv/b"), "/a/b")
                .mount(FileContent.text("/f", "content"))
                .mount(new FileContent("/empty", new byte[0]))
                .symlink("/l", "f")
                .tmpfs("/t", Bytes.mebibytes(1))
                .spec();
    }

    static SyscallProgram setUp(
            LaunchPlan plan, Ahead ahead, CpuArchitecture cpu, List<Integer> further) {
        return setUp(plan, new Footing(ahead, false, 1001, 1002), cpu, further);
    }

    /// The set-up of a launch whose first process is born into a control group of its own.
    static SyscallProgram grouped(LaunchPlan plan, CpuArchitecture cpu) {
        return setUp(plan, new Footing(Ahead.NOTHING, true, 1001, 1002), cpu, List.of());
    }

    static SyscallProgram setUp(
            LaunchPlan plan, Footing footing, CpuArchitecture cpu, List<Integer> further) {
        return LaunchCompiler.compile(plan, further, footing, cpu, FILTER, BASE);
    }

    static LaunchProgram link(Kind kind, CpuArchitecture cpu, Command command) {
        return LaunchCompiler.link(
                kind.setUp(cpu), Execution.of(SandboxSpec.strict(), command), FILTER);
    }

    /// A call of a program.
    ///
    /// @param index its place among the operations
    record Made(int index, Step step, Call call, Operation operation) {
        long argument(int i) {
            return operation.arguments().get(i);
        }
    }

    /// The calls of `program`, as they stand there.
    static List<Made> calls(SyscallProgram program) {
        Map<Integer, Call> byNumber = new HashMap<>();
        for (Call call : Call.values()) {
            byNumber.put(call.number(program.cpu()), call);
        }
        List<Made> calls = new ArrayList<>();
        List<Operation> operations = program.operations();
        for (int i = 0; i < operations.size(); i++) {
            Operation operation = operations.get(i);
            if (operation.kind() == Interpreter.SYSCALL) {
                calls.add(
                        new Made(
                                i,
                                program.steps().get(i),
                                byNumber.get(operation.number()),
                                operation));
            }
        }
        return calls;
    }
}
