package io.cloister.sandbox.linux.kernel;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.seccomp.RuleArguments;
import io.cloister.sandbox.linux.seccomp.SyscallTable;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// A program that makes system calls by number, many in a run, each in a process of its own, and
/// tells how each was answered.
final class Prober {

    private static final String SOURCE =
            """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/mman.h>
            #include <sys/syscall.h>
            #include <sys/wait.h>
            #include <unistd.h>

            struct answer { volatile int known; volatile int error; };

            /* Calls of other ABIs: of the 32-bit one, and with the bit of x32. */
            static long foreign(const char *abi, long number) {
            #ifdef __x86_64__
                if (!strcmp(abi, "int80")) {
                    long r = number;
                    __asm__ volatile("int $0x80"
                                     : "+a"(r)
                                     : "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
                                     : "memory");
                    return r;
                }
                if (!strcmp(abi, "x32"))
                    return syscall(0x40000000 | number, 0, 0, 0, 0, 0, 0);
            #endif
                exit(255);
            }

            int main(int argc, char **argv) {
                unsigned long a[7];
                if (argc == 3) {
                    printf("%ld\\n", foreign(argv[1], atol(argv[2])));
                    return 0;
                }
                if (argc == 8) {
                    for (int i = 0; i < 7; i++) a[i] = strtoul(argv[i + 1], NULL, 16);
                    long r = syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
                    printf("%ld\\n", r);
                    return 0;
                }
                struct answer *answer = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
                while (scanf("%lx %lx %lx %lx %lx %lx %lx", a, a + 1, a + 2, a + 3, a + 4, a + 5,
                             a + 6) == 7) {
                    answer->known = 0;
                    pid_t child = fork();
                    if (child < 0) return 255;
                    if (child == 0) {
                        /* For what waits. */
                        alarm(1);
                        long r = syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
                        answer->error = r == -1 ? errno : 0;
                        answer->known = 1;
                        _exit(0);
                    }
                    int status;
                    if (waitpid(child, &status, 0) < 0) return 255;
                    if (answer->known) printf("%d\\n", answer->error);
                    else if (WIFSIGNALED(status)) printf("signal %d\\n", WTERMSIG(status));
                    else printf("ended\\n");
                }
                return 0;
            }
            """;

    private static final StaticProgram COMPILED = new StaticProgram("prober", SOURCE);

    /// Longer than any of these tests takes on a slow machine: a hang ends as WALL_TIME.
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private Prober() {}

    /// A call with its six arguments.
    record Probe(Syscall call, List<Long> arguments) {

        /// Number and arguments, in hexadecimal.
        private List<String> words() {
            List<String> words = new ArrayList<>();
            int number = SyscallTable.of(Kernel.cpu()).number(call).orElseThrow();
            words.add(Integer.toHexString(number));
            arguments.forEach(argument -> words.add(Long.toHexString(argument)));
            return words;
        }

        long[] registers() {
            return arguments.stream().mapToLong(Long::longValue).toArray();
        }

        @Override
        public String toString() {
            return call.label() + arguments.stream().map(a -> " 0x" + Long.toHexString(a)).toList();
        }
    }

    /// For each rule of a policy that `wanted` picks, calls that it decides, on this CPU.
    static List<Probe> probes(SyscallPolicy policy, Predicate<SyscallRule> wanted) {
        List<Probe> probes = new ArrayList<>();
        for (SyscallRule rule : policy.rules()) {
            if (wanted.test(rule) && exists(rule.call())) {
                for (List<Long> arguments : RuleArguments.of(policy, rule)) {
                    probes.add(new Probe(rule.call(), arguments));
                }
            }
        }
        return probes;
    }

    /// Whether this CPU has the call.
    static boolean exists(Syscall call) {
        return SyscallTable.of(Kernel.cpu()).number(call).isPresent();
    }

    /// The default sandbox under a policy, with the prober.
    static Sandbox sandbox(SyscallPolicy policy) {
        return Sandbox.builder()
                .readOnly(COMPILED.path(), "/prober")
                .wallTimeLimit(PATIENCE)
                .syscalls(policy)
                .build();
    }

    /// Makes the calls in one run, and returns its answers: an error number, 0 for success, `signal
    /// n`, or `ended`.
    static List<String> answers(Sandbox sandbox, List<Probe> probes) {
        String calls =
                probes.stream()
                        .map(probe -> String.join(" ", probe.words()))
                        .collect(Collectors.joining("\n"));
        byte[] input = calls.getBytes(StandardCharsets.US_ASCII);
        SandboxResult result = run(sandbox, Command.of("/prober").stdin(input));
        Runs.assertThat(result).exited(0);
        List<String> lines = result.stdoutText().lines().toList();
        if (lines.size() != probes.size()) {
            throw new AssertionError(lines.size() + " answers to " + probes.size() + " calls");
        }
        return lines;
    }

    /// Makes one call, in the command's own process.
    static SandboxResult alone(Sandbox sandbox, Probe probe) {
        return run(sandbox, Command.of("/prober", probe.words().toArray(String[]::new)));
    }

    /// Makes a call of another ABI, with arguments 0: `int80` or `x32`.
    static SandboxResult foreign(Sandbox sandbox, String abi, int number) {
        return run(sandbox, Command.of("/prober", abi, String.valueOf(number)));
    }

    private static SandboxResult run(Sandbox sandbox, Command command) {
        try {
            return sandbox.run(command);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
