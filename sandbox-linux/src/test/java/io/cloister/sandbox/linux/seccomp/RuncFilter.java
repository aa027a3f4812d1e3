package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.ArgumentTest.Relation;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.oci.SeccompAction;
import io.cloister.sandbox.syscall.oci.SeccompArgument;
import io.cloister.sandbox.syscall.oci.SeccompEntry;
import io.cloister.sandbox.syscall.oci.SeccompOperator;
import io.cloister.sandbox.syscall.oci.SeccompProfile;
import io.cloister.sandbox.syscall.oci.SeccompScope;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// The filter that Docker, runc and libseccomp together make of a profile, step by step: Docker
/// selects the entries, runc makes rules of them, libseccomp a filter of the rules, and runc puts
/// another in front.
final class RuncFilter {

    private static final int KILL_THREAD = 0;
    private static final int TRACE = 0x7ff00000;

    private final SeccompProfile profile;
    private final CpuArchitecture cpu;
    private final List<SeccompEntry> entries = new ArrayList<>();

    /// @param capabilities by name
    RuncFilter(
            SeccompProfile profile,
            CpuArchitecture cpu,
            Set<String> capabilities,
            int kernel,
            int major) {
        this.profile = profile;
        this.cpu = cpu;
        String arch = cpu == CpuArchitecture.X86_64 ? "amd64" : "arm64";
        for (SeccompEntry entry : profile.syscalls()) {
            SeccompScope in = entry.includes();
            SeccompScope out = entry.excludes();
            boolean included =
                    (in.arches().isEmpty() || in.arches().contains(arch))
                            && capabilities.containsAll(in.caps())
                            && in.minKernel().map(v -> reaches(kernel, major, v)).orElse(true);
            boolean excluded =
                    out.arches().contains(arch)
                            || out.caps().stream().anyMatch(capabilities::contains)
                            || out.minKernel().map(v -> reaches(kernel, major, v)).orElse(false);
            if (included && !excluded) {
                entries.add(entry);
            }
        }
    }

    private static boolean reaches(int kernel, int major, String version) {
        String[] words = version.split("\\.");
        int wanted = Integer.parseInt(words[0]) * 1000 + Integer.parseInt(words[1]);
        return kernel * 1000 + major >= wanted;
    }

    /// What libseccomp is asked for.
    Libseccomp.Request request(boolean tree) {
        int otherwise = value(profile.defaultAction(), profile.defaultErrnoRet());
        List<Libseccomp.Rule> rules = new ArrayList<>();
        for (SeccompEntry entry : entries) {
            int action = value(entry.action(), entry.errnoRet());
            if (action == otherwise) {
                continue;
            }
            Set<Integer> indexes = new HashSet<>();
            boolean twice = entry.args().stream().anyMatch(arg -> !indexes.add(arg.index()));
            for (String name : names(entry)) {
                if (twice) {
                    entry.args()
                            .forEach(arg ->
                                    rules.add(
                                            new Libseccomp.Rule(action, name, List.of(test(arg)))));
                } else {
                    List<ArgumentTest> tests = entry.args().stream().map(RuncFilter::test).toList();
                    rules.add(new Libseccomp.Rule(action, name, tests));
                }
            }
        }
        return new Libseccomp.Request(cpu, otherwise, tree && !rules.isEmpty(), rules);
    }

    private static List<String> names(SeccompEntry entry) {
        return entry.name().map(List::of).orElse(entry.names());
    }

    private static ArgumentTest test(SeccompArgument arg) {
        return arg.op() == SeccompOperator.MASKED_EQ
                ? new ArgumentTest(
                        arg.index(), arg.value(), Relation.EQUAL, arg.valueTwo() & arg.value())
                : new ArgumentTest(
                        arg.index(),
                        -1,
                        switch (arg.op()) {
                            case NE -> Relation.NOT_EQUAL;
                            case LT -> Relation.LESS;
                            case LE -> Relation.AT_MOST;
                            case GE -> Relation.AT_LEAST;
                            case GT -> Relation.GREATER;
                            default -> Relation.EQUAL;
                        },
                        arg.value());
    }

    private static int value(SeccompAction action, OptionalLong errnoRet) {
        int errno = (int) errnoRet.orElse(Errno.EPERM.number());
        return switch (action) {
            case KILL, KILL_THREAD -> KILL_THREAD;
            case KILL_PROCESS -> FilterAnswer.KILL_PROCESS;
            case TRAP -> FilterAnswer.TRAP;
            case ERRNO -> FilterAnswer.ERRNO | errno;
            case TRACE -> TRACE | errno;
            case NOTIFY -> FilterAnswer.USER_NOTIF;
            case LOG -> FilterAnswer.LOG;
            case ALLOW -> FilterAnswer.ALLOW;
        };
    }

    /// The largest number that is named, where runc looks for larger ones; else all numbers are in
    /// reach.
    long newest() {
        boolean open =
                switch (profile.defaultAction()) {
                    case ALLOW, LOG, TRACE -> true;
                    default -> false;
                };
        String architecture =
                cpu == CpuArchitecture.X86_64 ? "SCMP_ARCH_X86_64" : "SCMP_ARCH_AARCH64";
        boolean here =
                profile.architectures().contains(architecture)
                        || profile.archMap().stream()
                                .anyMatch(map -> map.architecture().equals(architecture));
        int newest =
                entries.stream()
                        .flatMap(entry -> names(entry).stream())
                        .flatMap(name -> Syscall.named(name).stream())
                        .mapToInt(call -> SyscallTable.of(cpu).number(call).orElse(-1))
                        .max()
                        .orElse(0);
        return open || !here || newest <= 0 ? 0xffffffffL : newest;
    }

    /// Whether runc's own filter answers.
    boolean isAbove(SeccompData call) {
        boolean ours = call.architecture() == SyscallTable.of(cpu).auditArchitecture();
        boolean x32 = cpu == CpuArchitecture.X86_64 && (call.number() & 0x40000000) != 0;
        return ours && !x32 && Integer.toUnsignedLong(call.number()) > newest();
    }

    /// What happens to a call.
    ///
    /// @param filter what libseccomp made of the request
    SyscallAction answer(BpfProgram filter, SeccompData call) {
        if (isAbove(call)) {
            return SyscallAction.fail(Errno.ENOSYS);
        }
        int value = BpfEvaluator.run(filter, call).value();
        if (value == KILL_THREAD) {
            return SyscallAction.KILL;
        }
        // "No tracer: return -ENOSYS" - seccomp(2)
        return (value & 0xffff0000) == TRACE
                ? SyscallAction.fail(Errno.ENOSYS)
                : FilterAnswer.action(value);
    }
}
