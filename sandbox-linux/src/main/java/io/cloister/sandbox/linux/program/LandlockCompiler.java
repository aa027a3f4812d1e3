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

    /// sizeof(struct open_how).
    private static final int HOW_SIZE = 24;

    private final ProgramBuilder b;

    private final int scratch;

    /// @param scratch the first of the passed trees
    LandlockCompiler(ProgramBuilder b, int scratch) {
        this.b = b;
        this.scratch = scratch;
    }

    /// Enters a domain around that of the command, in the first process: what this process signals
    /// are its own descendants, even with kill(-1); and nothing in the command's domain signals it.
    static void surround(ProgramBuilder b, LandlockPlan plan) {
        b.step(SetupStep.ACCESS_RULES, "signals of the first process");
        Address attributes = b.words(number(0), number(0), number(LandlockPlan.SIGNALS));
        Address ruleset = b.zeros(8);
        b.call(Call.LANDLOCK_CREATE_RULESET, attributes, number(plan.attributeSize()), number(0))
                .store(ruleset);
        b.call(Call.LANDLOCK_RESTRICT_SELF, ruleset.loaded(), number(plan.flags()));
        b.call(Call.CLOSE, ruleset.loaded());
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
        if (!plan.scratch().isEmpty()) {
            b.step(SetupStep.ACCESS_RULES, "private directory");
            addRule(
                    ruleset,
                    LANDLOCK_RULE_PATH_BENEATH,
                    b.words(number(plan.scratchBits()), number(scratch)));
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

    /// Ways that others may change meanwhile are gone without following links.
    private void paths(LandlockPlan plan, Address ruleset) {
        Address without = how(RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
        Address following = how(RESOLVE_NO_MAGICLINKS);
        for (LandlockPlan.PathRule rule : plan.paths()) {
            b.step(SetupStep.ACCESS_RULES, rule.toString());
            // struct landlock_path_beneath_attr { __u64 allowed_access; __s32 parent_fd; }
            Address path = b.words(number(rule.bits()), number(0));
            Label problem = new Label();
            Address how = rule.hosts() ? following : without;
            b.call(Call.OPENAT2, number(AT_FDCWD), b.text(rule.path()), how, number(HOW_SIZE))
                    .store(path.plus(PARENT))
                    .onError(problem);
            addRule(ruleset, LANDLOCK_RULE_PATH_BENEATH, path);
            b.call(Call.CLOSE, path.plus(PARENT).loaded());
            // What the command may not reach it needs no right for.
            if (rule.hosts()) {
                b.forgive(problem, Errno.EACCES, Errno.ENOENT);
            } else {
                b.forgive(problem, Errno.EACCES);
            }
        }
    }

    /// struct open_how { __u64 flags, mode, resolve; }
    private Address how(int resolve) {
        return b.words(number(O_PATH | O_CLOEXEC), number(0), number(resolve));
    }

    private void addRule(Address ruleset, int type, Address rule) {
        b.call(Call.LANDLOCK_ADD_RULE, ruleset.loaded(), number(type), rule, number(0));
    }
}
