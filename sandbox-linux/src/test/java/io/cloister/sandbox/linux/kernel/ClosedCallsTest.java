package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Policies that open nothing, and policies that the kernel does not take.
///
/// The program needs no system call to live: it makes four, and says how they went by how it ends.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClosedCallsTest {

    private static final SyscallAction EPERM = SyscallAction.fail(Errno.EPERM);

    private static final StaticProgram PROGRAM =
            new StaticProgram(
                    "closed",
                    """
                    #include <sys/syscall.h>

                    #if defined __x86_64__
                    #define ILLEGAL "ud2"
                    static long call(long number, long a, long b, long c, long d) {
                        long result;
                        register long fourth __asm__("r10") = d;
                        __asm__ volatile("syscall" : "=a"(result)
                            : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                            : "rcx", "r11", "memory");
                        return result;
                    }
                    #else
                    #define ILLEGAL ".inst 0"
                    static long call(long number, long a, long b, long c, long d) {
                        register long n __asm__("x8") = number;
                        register long x0 __asm__("x0") = a;
                        register long x1 __asm__("x1") = b;
                        register long x2 __asm__("x2") = c;
                        register long x3 __asm__("x3") = d;
                        __asm__ volatile("svc 0" : "+r"(x0)
                            : "r"(n), "r"(x1), "r"(x2), "r"(x3) : "memory");
                        return x0;
                    }
                    #endif

                    /* SIGILL: each of them failed with EPERM. SIGSEGV: some did, some did not. */
                    void _start(void) {
                        int denied = 0;
                        denied += call(SYS_getpid, 0, 0, 0, 0) == -1;
                        denied += call(SYS_openat, -100, (long) "/", 0, 0) == -1;
                        denied += call(SYS_write, 1, (long) "written", 7, 0) == -1;
                        if (denied == 0) call(SYS_exit_group, 0, 0, 0, 0);
                        denied += call(SYS_exit_group, 1, 0, 0, 0) == -1;
                        if (denied == 4) __asm__ volatile(ILLEGAL);
                        *(volatile int *) 0 = 0;
                    }
                    """,
                    "-nostdlib",
                    "-ffreestanding",
                    "-fno-stack-protector",
                    "-fno-pie",
                    "-no-pie");

    private static Sandbox.Builder under(SyscallPolicy policy) {
        return Sandbox.builder().readOnly(PROGRAM.path(), "/closed").syscalls(policy);
    }

    @Test
    void anEmptyListOfOpenCallsOpensNothing() {
        // The sandbox starts the command all the same, with calls of its own.
        assertThat(run(under(SyscallPolicy.of(EPERM)), "/closed"))
                .signalled(Signal.ILL)
                .printed("");
    }

    @Test
    void anEmptyListOfOpenCallsEndsTheRunAtTheFirstOne() {
        assertThat(run(under(SyscallPolicy.of(SyscallAction.KILL)), "/closed"))
                .violatedThePolicy()
                .printed("");
        assertThat(run(under(SyscallPolicy.of(SyscallAction.TRAP)), "/closed"))
                .violatedThePolicy()
                .printed("");
    }

    @Test
    void aListOfOpenCallsOpensThese() {
        List<SyscallRule> open = new ArrayList<>();
        for (Syscall call :
                List.of(Syscall.GETPID, Syscall.OPENAT, Syscall.WRITE, Syscall.EXIT_GROUP)) {
            open.add(SyscallRule.of(call, SyscallAction.ALLOW, "needed"));
        }
        for (SyscallAction closed : List.of(EPERM, SyscallAction.KILL, SyscallAction.TRAP)) {
            assertThat(run(under(SyscallPolicy.of(closed).first(open)), "/closed"))
                    .exited(0)
                    .printed("written");
        }
    }

    @Test
    void aPolicyThatTakesMoreThan4096InstructionsIsRefused() {
        SyscallPolicy policy = withRules(2100);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sandbox.builder().syscalls(policy).build())
                .withMessageMatching(
                        "the policy of system calls takes \\d{4} instructions as a filter, of which"
                                + " the kernel takes 4096; use fewer rules, or fewer tests of"
                                + " arguments");
    }

    @Test
    void aPolicyThatTakesNearly4096InstructionsIsInstalled() {
        assertThat(run(under(withRules(2000)), "/closed")).exited(0).printed("written");
    }

    private static SyscallPolicy withRules(int count) {
        List<SyscallRule> rules = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ArgumentTest test = ArgumentTest.intIs(1, i + 1);
            rules.add(SyscallRule.of(Syscall.IOCTL, EPERM, "one more", test));
        }
        return SyscallPolicy.of(SyscallAction.ALLOW).first(rules);
    }
}
