package io.cloister.sandbox.linux.seccomp;

import static io.cloister.sandbox.syscall.Syscall.CHDIR;
import static io.cloister.sandbox.syscall.Syscall.CLOCK_GETTIME;
import static io.cloister.sandbox.syscall.Syscall.DUP3;
import static io.cloister.sandbox.syscall.Syscall.EXECVE;
import static io.cloister.sandbox.syscall.Syscall.EXIT_GROUP;
import static io.cloister.sandbox.syscall.Syscall.PRLIMIT64;
import static io.cloister.sandbox.syscall.Syscall.RECVMSG;
import static io.cloister.sandbox.syscall.Syscall.SENDMSG;
import static io.cloister.sandbox.syscall.Syscall.WRITE;

import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// By what a filter knows the calls with which the sandbox itself starts the command, from the
/// program's own.
///
/// The filter is in place when the command's process hands out its listener, is told what to
/// execute, if it was made ahead, sets its limits, changes to its work directory and executes the
/// program, or says why it could not. These calls leave registers free; in these stand secret
/// numbers, at which the kernel does not look and the filter does. The program cannot learn them:
/// they are gone with the execution, and a filter cannot be read without rights on the host.
///
/// @param first in the fourth register
/// @param second in the fifth
/// @param third in the sixth
public record Ticket(long first, long second, long third) {

    /// The calls that it is for, and the first register that they leave free.
    private static final Map<Syscall, Integer> CALLS =
            Map.of(
                    SENDMSG,
                    3,
                    RECVMSG,
                    3,
                    CLOCK_GETTIME,
                    3,
                    DUP3,
                    3,
                    PRLIMIT64,
                    4,
                    CHDIR,
                    3,
                    EXECVE,
                    3,
                    WRITE,
                    3,
                    EXIT_GROUP,
                    3);

    /// {@return the rules that let the calls with this ticket pass}
    List<SyscallRule> rules() {
        long[] numbers = {first, second, third};
        List<SyscallRule> rules = new ArrayList<>();
        CALLS.forEach((call, free) -> {
            List<ArgumentTest> tests = new ArrayList<>();
            for (int index = free; index < 6; index++) {
                tests.add(ArgumentTest.longIs(index, numbers[index - 3]));
            }
            rules.add(new SyscallRule(call, tests, SyscallAction.ALLOW, "starts the command"));
        });
        return rules;
    }

    /// The numbers are nobody's business.
    @Override
    public String toString() {
        return "Ticket";
    }
}
