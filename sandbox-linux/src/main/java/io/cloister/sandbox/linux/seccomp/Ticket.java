package io.cloister.sandbox.linux.seccomp;

import static io.cloister.sandbox.syscall.Syscall.CHDIR;
import static io.cloister.sandbox.syscall.Syscall.EXECVE;
import static io.cloister.sandbox.syscall.Syscall.EXIT_GROUP;
import static io.cloister.sandbox.syscall.Syscall.SENDMSG;
import static io.cloister.sandbox.syscall.Syscall.WRITE;

import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.List;

/// By what a filter knows the calls with which the sandbox itself starts the command, from the
/// program's own.
///
/// The filter is in place when the command's process hands out its listener, changes to its work
/// directory and executes the program, or says why it could not. These calls take three arguments
/// at most; in the registers of the others stand three secret numbers, at which the kernel does not
/// look and the filter does. The program cannot learn them: they are gone with the execution, and a
/// filter cannot be read without rights on the host.
///
/// @param first in the fourth register
/// @param second in the fifth
/// @param third in the sixth
public record Ticket(long first, long second, long third) {

    /// The calls that it is for.
    private static final List<Syscall> CALLS = List.of(SENDMSG, CHDIR, EXECVE, WRITE, EXIT_GROUP);

    /// {@return the rules that let the calls with this ticket pass}
    List<SyscallRule> rules() {
        return CALLS.stream()
                .map(call ->
                        SyscallRule.of(
                                call,
                                SyscallAction.ALLOW,
                                "starts the command",
                                ArgumentTest.longIs(3, first),
                                ArgumentTest.longIs(4, second),
                                ArgumentTest.longIs(5, third)))
                .toList();
    }

    /// The numbers are nobody's business.
    @Override
    public String toString() {
        return "Ticket";
    }
}
