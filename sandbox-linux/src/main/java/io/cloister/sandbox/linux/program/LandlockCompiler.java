package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.landlock.LandlockPlan;
import io.cloister.sandbox.linux.program.Argument.Address;

/// Writes the operations by which the command enters its domain of Landlock. The descriptor of the
/// rules is closed by execve(2).
final class LandlockCompiler {

    /// The offset of parent_fd in struct landlock_path_beneath_attr.
    private static final int PARENT = 8;

    private final ProgramBuilder b;

    LandlockCompiler(ProgramBuilder b) {
        this.b = b;
    }

    /// Enters the domain, in the command's process.
    void enter(LandlockPlan plan) {
        if (plan.isEmpty()) {
            return;
        }
        b.step(SetupStep.ACCESS_RULES, "ABI " + plan.abi());
        // struct landlock_ruleset_attr { __u64 handled_access_fs, handled_access_net, scoped; }
        Address attributes =
                b.words(number(plan.fileBits()), number(plan.portBits()), number(plan.scopeBits()));
        Address ruleset = b.zeros(8);
        b.call(Call.LANDLOCK_CREATE_RULESET, attributes, number(plan.attributeSize()), number(0))
                .store(ruleset);
        if (!plan.paths().isEmpty()) {
            paths(plan, ruleset);
        }
        for (LandlockPlan.PortRule rule : plan.openPorts()) {
            b.step(SetupStep.ACCESS_RULES, rule.toString());
            // struct landlock_net_port_attr { __u64 allowed_access, port; }
            Address port = b.words(number(rule.bits()), number(rule.port()));
            addRule(ruleset, LANDLOCK_RULE_NET_PORT, port);
        }
        b.step(SetupStep.ACCESS_RULES, "enter");
        b.call(Call.LANDLOCK_RESTRICT_SELF, ruleset.loaded(), number(plan.flags()));
    }

    /// The ways lead through trees that others may change meanwhile: links are not followed.
    private void paths(LandlockPlan plan, Address ruleset) {
        // struct open_how { __u64 flags, mode, resolve; }
        int resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
        Address how = b.words(number(O_PATH | O_CLOEXEC), number(0), number(resolve));
        for (LandlockPlan.PathRule rule : plan.paths()) {
            b.step(SetupStep.ACCESS_RULES, rule.toString());
            // struct landlock_path_beneath_attr { __u64 allowed_access; __s32 parent_fd; }
            Address path = b.words(number(rule.bits()), number(0));
            Label problem = new Label();
            b.call(Call.OPENAT2, number(AT_FDCWD), b.text(rule.path()), how, number(24))
                    .store(path.plus(PARENT))
                    .onError(problem);
            addRule(ruleset, LANDLOCK_RULE_PATH_BENEATH, path);
            b.call(Call.CLOSE, path.plus(PARENT).loaded());
            // What the command may not reach it needs no right for.
            b.forgive(problem, Errno.EACCES, new Label());
        }
    }

    private void addRule(Address ruleset, int type, Address rule) {
        b.call(Call.LANDLOCK_ADD_RULE, ruleset.loaded(), number(type), rule, number(0));
    }
}
