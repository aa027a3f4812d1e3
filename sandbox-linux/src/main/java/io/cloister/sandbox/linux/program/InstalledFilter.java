package io.cloister.sandbox.linux.program;

import java.util.List;
import java.util.Optional;

/// The system-call filter of a command, as its process installs it. Immutable; the bytes are not
/// copied, and must not be changed.
///
/// @param instructions an array of `struct sock_filter`; empty: no filter is installed
/// @param flags `SECCOMP_FILTER_FLAG_*`
/// @param ticket what stands in the last three registers of the calls that the process makes from
///   then on until the program runs, so that the filter lets them pass
/// @param listened whether the JVM gets a listener of the filter
/// @param unheard what is installed instead where another filter of the host's has a listener
///   already, and there can be no second one; empty: the launch fails then
public record InstalledFilter(
        byte[] instructions,
        int flags,
        List<Long> ticket,
        boolean listened,
        Optional<byte[]> unheard) {

    /// No filter: for who runs no program.
    static final InstalledFilter NONE = new InstalledFilter(new byte[0], 0, List.of(0L, 0L, 0L));

    /// sizeof(struct sock_filter).
    private static final int INSTRUCTION_SIZE = 8;

    /// Checks.
    public InstalledFilter {
        ticket = List.copyOf(ticket);
        if (ticket.size() != 3) {
            throw new IllegalArgumentException("ticket must be 3 numbers, was " + ticket.size());
        }
    }

    /// A filter without a listener.
    public InstalledFilter(byte[] instructions, int flags, List<Long> ticket) {
        this(instructions, flags, ticket, false, Optional.empty());
    }

    /// How many instructions it has.
    int length() {
        return length(instructions);
    }

    /// How many instructions a filter has.
    static int length(byte[] instructions) {
        return instructions.length / INSTRUCTION_SIZE;
    }

    /// What stands in the fourth register, counted from `index` 0.
    Argument ticket(int index) {
        return Argument.number(ticket.get(index));
    }

    /// The ticket is nobody's business.
    @Override
    public String toString() {
        return "InstalledFilter[" + length() + " instructions" + (listened ? ", listened]" : "]");
    }
}
