package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.program.InstalledFilter;
import io.cloister.sandbox.linux.seccomp.FilterCompiler;
import io.cloister.sandbox.linux.seccomp.Ticket;
import io.cloister.sandbox.syscall.FilterFlag;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Makes filters of policies, each with the JVM's ticket.
final class Filters {

    /// Drawn once: the programs cannot learn it.
    private static final Ticket TICKET = draw();

    private Filters() {}

    private static Ticket draw() {
        SecureRandom random = new SecureRandom();
        return new Ticket(random.nextLong(), random.nextLong(), random.nextLong());
    }

    /// {@return the filter of `policy`}
    ///
    /// @throws IllegalArgumentException if it has more instructions than the kernel takes
    static InstalledFilter of(SyscallPolicy policy) {
        boolean none = policy.profile().filter(SyscallProfile.UNFILTERED::equals).isPresent();
        FilterCompiler.Options options = new FilterCompiler.Options(Optional.of(TICKET), false);
        byte[] program =
                none ? new byte[0] : FilterCompiler.compile(policy, Kernel.cpu(), options).encode();
        return new InstalledFilter(
                program,
                flags(policy.flags()),
                List.of(TICKET.first(), TICKET.second(), TICKET.third()));
    }

    private static int flags(Set<FilterFlag> flags) {
        int bits = 0;
        for (FilterFlag flag : flags) {
            bits |=
                    switch (flag) {
                        case TSYNC -> 1;
                        case LOG -> 1 << 1;
                        case SPEC_ALLOW -> 1 << 2;
                        case WAIT_KILLABLE_RECV -> 1 << 5;
                    };
        }
        return bits;
    }
}
