package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.SeccompListener;
import io.cloister.sandbox.linux.program.InstalledFilter;
import io.cloister.sandbox.linux.seccomp.FilterCompiler;
import io.cloister.sandbox.linux.seccomp.Ticket;
import io.cloister.sandbox.syscall.FilterFlag;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Makes filters of policies, each with a ticket of its own, and with a listener where the policy
/// needs one and the kernel has it.
final class Filters {

    private Filters() {}

    private static Ticket draw() {
        long[] numbers = Kernel.random(3);
        return new Ticket(numbers[0], numbers[1], numbers[2]);
    }

    /// {@return the filter of `policy`}
    ///
    /// @throws IllegalArgumentException if it has more instructions than the kernel takes
    /// @throws SandboxUnavailableException if the kernel lacks what it asks for
    static InstalledFilter of(SyscallPolicy policy) {
        Ticket drawn = draw();
        List<Long> ticket = List.of(drawn.first(), drawn.second(), drawn.third());
        if (policy.profile().filter(SyscallProfile.UNFILTERED::equals).isPresent()) {
            return new InstalledFilter(new byte[0], 0, ticket);
        }
        int flags = flags(policy.flags());
        boolean asks = policy.has(SyscallAction.NOTIFY);
        boolean wants = asks || policy.has(SyscallAction.KILL);
        boolean listened = wants && SeccompListener.takes(SECCOMP_FILTER_FLAG_NEW_LISTENER);
        if (asks && !listened) {
            throw new SandboxUnavailableException(
                    "system calls are to be answered by the JVM, and the kernel does not notify",
                    "seccomp notifications",
                    "use Linux 5.0 or newer with CONFIG_SECCOMP_FILTER");
        }
        for (FilterFlag flag : policy.flags()) {
            // The kernel takes this one with a listener alone.
            boolean waits = flag == FilterFlag.WAIT_KILLABLE_RECV;
            if (!SeccompListener.takes(
                    bit(flag) | (waits ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0))) {
                throw new SandboxUnavailableException(
                        "the kernel does not know " + flag.label(),
                        flag.label(),
                        "use a newer kernel, or leave the flag out");
            }
        }
        if (!listened) {
            int without = flags & ~bit(FilterFlag.WAIT_KILLABLE_RECV);
            return new InstalledFilter(compile(policy, drawn, false), without, ticket);
        }
        int heard = flags & ~bit(FilterFlag.TSYNC) | SECCOMP_FILTER_FLAG_NEW_LISTENER;
        int patient = heard | bit(FilterFlag.WAIT_KILLABLE_RECV);
        // Else a signal would end the call, and the program make it anew, perhaps half done.
        boolean waits = SeccompListener.takes(patient);
        return new InstalledFilter(
                compile(policy, drawn, true),
                waits ? patient : heard,
                ticket,
                true,
                asks ? Optional.empty() : Optional.of(compile(policy, drawn, false)));
    }

    private static byte[] compile(SyscallPolicy policy, Ticket ticket, boolean notified) {
        FilterCompiler.Options options = new FilterCompiler.Options(Optional.of(ticket), notified);
        return FilterCompiler.compile(policy, Kernel.cpu(), options).encode();
    }

    private static int flags(Set<FilterFlag> flags) {
        return flags.stream().mapToInt(Filters::bit).reduce(0, (a, b) -> a | b);
    }

    private static int bit(FilterFlag flag) {
        return switch (flag) {
            case TSYNC -> SECCOMP_FILTER_FLAG_TSYNC;
            case LOG -> SECCOMP_FILTER_FLAG_LOG;
            case SPEC_ALLOW -> SECCOMP_FILTER_FLAG_SPEC_ALLOW;
            case WAIT_KILLABLE_RECV -> SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
        };
    }
}
