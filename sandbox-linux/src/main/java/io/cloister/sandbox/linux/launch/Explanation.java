package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.Confined;
import io.cloister.sandbox.linux.plan.Entry;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.plan.Footing;
import io.cloister.sandbox.linux.plan.HostFacts;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.TerminalSource;
import io.cloister.sandbox.linux.plan.UserMap;
import io.cloister.sandbox.linux.program.EntryProgram;
import io.cloister.sandbox.linux.program.LaunchCompiler;
import io.cloister.sandbox.linux.program.LaunchProgram;
import io.cloister.sandbox.linux.program.ProgramPrinter;
import io.cloister.sandbox.linux.program.SyscallProgram;
import io.cloister.sandbox.linux.program.ZygoteProgram;

import java.util.List;
import java.util.Optional;

/// Says what a launch would do. Thread-safe.
///
/// @param facts what is known of the host
/// @param hostUser the host user that a privileged JVM shows
record Explanation(HostFacts facts, int hostUser) {

    /// What a launch of `command` would do.
    String of(Policy policy, Command command) {
        SandboxSpec spec = policy.spec();
        int uid = facts.privileged() ? hostUser : facts.uid();
        int gid = facts.privileged() ? hostUser : facts.gid();
        try (BindSources binds = BindSources.resolve(spec, Optional.empty())) {
            LaunchPlan plan = policy.plan(binds);
            Execution execution = Execution.of(spec, command);
            if (policy.isConfined()) {
                execution = Confined.inside(execution, Confined.SHOWN);
            }
            SyscallProgram program =
                    LaunchPrograms.setUp(
                            new Policy.SetUpKey(
                                    plan,
                                    execution.descriptors(),
                                    new Footing(
                                            Ahead.NOTHING,
                                            false,
                                            uid,
                                            gid,
                                            TerminalSource.of(command, plan.mounts()),
                                            0,
                                            command.user(),
                                            false),
                                    ZygoteProgram.REQUEST),
                            policy.filter());
            StringBuilder out = new StringBuilder();
            out.append("new namespaces: ").append(plan.newNamespaces());
            out.append("; users: ").append(describe(policy.users(), uid));
            out.append("; ").append(program.operations().size()).append(" operations, ");
            out.append(program.size()).append(" bytes\n");
            policy.enforced(plan, List.of())
                    .forEach(e -> out.append("enforced: ").append(e).append('\n'));
            out.append(
                    switch (Ahead.mostFor(plan)) {
                        case NOTHING -> "";
                        case NETWORK -> "may be done ahead by the launcher: the network\n";
                        case NETWORK_AND_BASE ->
                                "may be done ahead by the launcher: the network, and the tree up to"
                                        + " where it becomes read-only\n";
                    });
            policy.joining().ifPresent(joining -> out.append(explainEntry(joining, uid)));
            LaunchProgram launch = LaunchCompiler.link(program, execution, policy.filter());
            out.append(ProgramPrinter.print(launch.setUp()));
            return out.append(ProgramPrinter.print(launch.execution())).toString();
        }
    }

    private String explainEntry(Joining joining, int uid) {
        Entry entry = joining.entry(joining.session().doors(), facts.privileged());
        int user =
                facts.privileged() && joining.sharing().tracing()
                        ? joining.session().hostUser()
                        : uid;
        SyscallProgram program =
                EntryProgram.launcher(Kernel.cpu(), entry, user, user, facts.privileged(), false);
        return "joined: "
                + joining.sharing().namespaces()
                + "; the launcher does this first\n"
                + ProgramPrinter.print(program)
                + "then the sandbox\n";
    }

    private static String describe(UserMap users, int uid) {
        return switch (users) {
            case UserMap.Single single -> single.uid() + " inside is " + uid + " on the host";
            case UserMap.Ranges ranges -> ranges.uids().toString();
            case UserMap.Host _ -> "the JVM's own";
            case UserMap.HostDropped _ -> uid + " on the host, without a user namespace";
        };
    }
}
