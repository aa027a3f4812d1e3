package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.PrivilegePlan;
import io.cloister.sandbox.linux.plan.SpeculationKind;
import io.cloister.sandbox.linux.program.Argument.Address;
import io.cloister.sandbox.linux.program.Argument.LoadedAbsolute;
import io.cloister.sandbox.policy.Capability;

/// Writes the operations that give up privileges, and those that ask for protections.
///
/// # Without kept capabilities
///
/// The first process has all capabilities of its new user namespace. Early it sets its securebits,
/// and when all that needs capabilities is done it empties the bounding set and the other sets. The
/// command inherits nothing else.
///
/// # With kept capabilities
///
/// The command must have them in its ambient set to keep them over execve, and a capability becomes
/// ambient only while it is permitted and inheritable. The first process raises them, just before
/// it clones the command, and only then takes away the right to raise any. It holds them, and
/// CAP_SETPCAP, until the command has been executed: the clone copies its credentials. Then it
/// drops all of them. Meanwhile it waits in vfork, and nothing inside can reach it, since it is
/// undumpable and the first process of its PID namespace.
///
/// Where the command keeps CAP_SETUID its processes may become other users than the first process
/// is, which has to end them. So there the first process keeps CAP_KILL.
///
/// # Securebits
///
/// They come before the process takes its user, which may be another than the one that it began as:
/// without SECBIT_NO_SETUID_FIXUP a change from user 0 of the namespace would cost it the
/// capabilities that it needs for the tree.
final class PrivilegeCompiler {

    /// User 0 is a user like others: it gains nothing by execve, and a change of user changes no
    /// capability. The way of capabilities(7) to "an environment of only-capabilities".
    private static final int ONLY_CAPABILITIES =
            SECBIT_NOROOT
                    | SECBIT_NOROOT_LOCKED
                    | SECBIT_NO_SETUID_FIXUP
                    | SECBIT_NO_SETUID_FIXUP_LOCKED
                    | SECBIT_KEEP_CAPS_LOCKED;

    private static final int NOTHING_AMBIENT_ANY_MORE =
            SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

    private final ProgramBuilder b;
    private final PrivilegePlan plan;
    private final Address header;

    PrivilegeCompiler(ProgramBuilder b, PrivilegePlan plan) {
        this.b = b;
        this.plan = plan;
        header = b.words(number(LINUX_CAPABILITY_VERSION_3));
    }

    /// In the first process, before it takes its user.
    void lock() {
        if (plan.locked()) {
            b.step(SetupStep.PRIVILEGES, "no capability by user 0");
            securebits(
                    keepsAny() ? ONLY_CAPABILITIES : ONLY_CAPABILITIES | NOTHING_AMBIENT_ANY_MORE);
        }
    }

    private void securebits(int bits) {
        b.call(Call.PRCTL, number(PR_SET_SECUREBITS), number(bits));
    }

    private boolean keepsAny() {
        return !plan.kept().isEmpty();
    }

    /// What the first process needs until the end, to end all others.
    private long toEndOthers() {
        return plan.kept().contains(Capability.SETUID) ? 1L << Capability.KILL.number() : 0;
    }

    /// In the first process: empties the bounding set, but for what is kept.
    void bound() {
        if (!plan.locked()) {
            return;
        }
        b.step(
                SetupStep.PRIVILEGES,
                keepsAny() ? "bounding set of " + plan.kept() : "empty the bounding set");
        Address capability = b.zeros(8);
        Label dropped = new Label();
        Label refused = new Label();
        Label next = new Label();
        Label skip = new Label();
        b.set(capability, number(0));
        b.place(next);
        for (Capability kept : plan.kept()) {
            b.jumpIfEqual(capability.loaded(), number(kept.number()), skip);
        }
        b.call(Call.PRCTL, number(PR_CAPBSET_DROP), capability.loaded()).onError(refused);
        b.place(skip);
        b.add(capability.loaded(), number(1), capability);
        b.jump(next);
        b.place(refused);
        // EINVAL behind the last capability that the kernel knows.
        b.jumpIfEqual(
                new LoadedAbsolute(Interpreter.RECORD + 8),
                number(Errno.EINVAL.negated()),
                dropped);
        b.jump(b.failure());
        b.place(dropped);
    }

    /// In the first process, when nothing needs a capability any more.
    void drop() {
        if (keepsAny()) {
            long kept = bits();
            b.step(SetupStep.PRIVILEGES, "keep " + plan.kept());
            sets(kept | 1L << CAP_SETPCAP | toEndOthers(), kept);
            for (Capability capability : plan.kept()) {
                b.call(
                        Call.PRCTL,
                        number(PR_CAP_AMBIENT),
                        number(PR_CAP_AMBIENT_RAISE),
                        number(capability.number()),
                        number(0),
                        number(0));
            }
            securebits(ONLY_CAPABILITIES | NOTHING_AMBIENT_ANY_MORE);
        } else {
            b.step(SetupStep.PRIVILEGES, "no capabilities");
            sets(0, 0);
        }
        b.step(SetupStep.PRIVILEGES, "no new privileges");
        b.call(Call.PRCTL, number(PR_SET_NO_NEW_PRIVS), number(1));
        if (plan.ownCore()) {
            // Processes inherit the cookie, so that all of the sandbox have one, and nobody else.
            b.step(SetupStep.PRIVILEGES, "cores of its own");
            b.call(
                    Call.PRCTL,
                    number(PR_SCHED_CORE),
                    number(PR_SCHED_CORE_CREATE),
                    number(0),
                    number(PR_SCHED_CORE_SCOPE_THREAD_GROUP),
                    number(0));
        }
    }

    /// In the command's process, first of all.
    void narrow() {
        if (keepsAny()) {
            b.step(SetupStep.PRIVILEGES, "only " + plan.kept());
            sets(bits(), bits());
        }
    }

    /// In the first process, when the command has been executed. What is not permitted any more
    /// leaves the ambient set by itself.
    void dropKept() {
        if (!keepsAny()) {
            return;
        }
        boolean ends = toEndOthers() != 0;
        b.step(
                SetupStep.PRIVILEGES,
                ends
                        ? "only [KILL] for the first process"
                        : "no capabilities for the first process");
        for (Capability capability : plan.kept()) {
            b.call(Call.PRCTL, number(PR_CAPBSET_DROP), number(capability.number()));
        }
        sets(toEndOthers(), 0);
    }

    /// In the command's process, before its filter.
    void harden() {
        for (SpeculationKind kind : plan.speculation()) {
            b.step(SetupStep.PRIVILEGES, "protection: " + kind.label());
            b.call(
                    Call.PRCTL,
                    number(PR_SET_SPECULATION_CTRL),
                    number(kind.number()),
                    number(kind.protection()),
                    number(0),
                    number(0));
        }
        if (plan.denyWriteExecute()) {
            // Of the memory that is shared with the first process until execve, which passes it on.
            b.step(SetupStep.PRIVILEGES, "no memory both writable and executable");
            b.call(
                    Call.PRCTL,
                    number(PR_SET_MDWE),
                    number(PR_MDWE_REFUSE_EXEC_GAIN),
                    number(0),
                    number(0),
                    number(0));
        }
    }

    private long bits() {
        return plan.kept().stream().mapToLong(kept -> 1L << kept.number()).sum();
    }

    /// capset(2). What is permitted is effective too.
    private void sets(long permitted, long inheritable) {
        // Two of struct { __u32 effective, permitted, inheritable; }, low words first.
        long low = 0xffff_ffffL;
        Address sets =
                b.words(
                        number(permitted & low | permitted << 32),
                        number(inheritable & low | (permitted >>> 32) << 32),
                        number(permitted >>> 32 | (inheritable >>> 32) << 32));
        b.call(Call.CAPSET, header, sets);
    }
}
