package io.cloister.sandbox.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.cloister.sandbox.linux.program.Call;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.syscall.Syscall;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class SyscallTableTest {

    private static final SyscallTable X86 = SyscallTable.of(CpuArchitecture.X86_64);
    private static final SyscallTable AARCH64 = SyscallTable.of(CpuArchitecture.AARCH64);

    @ParameterizedTest
    @CsvSource({
        "read, 0, 63",
        "ioctl, 16, 29",
        "clone, 56, 220",
        "execve, 59, 221",
        "exit_group, 231, 94",
        "wait4, 61, 260",
        "renameat, 264, 38",
        "kexec_file_load, 320, 294",
        "rseq, 334, 293",
        "pidfd_send_signal, 424, 424",
        "clone3, 435, 435",
        "set_mempolicy_home_node, 450, 450",
        "mseal, 462, 462",
        "removexattrat, 466, 466",
        "open_tree_attr, 467, 467",
        "file_getattr, 468, 468",
        "file_setattr, 469, 469",
        "listns, 470, 470",
        "rseq_slice_yield, 471, 471"
    })
    void aCallHasItsNumberOnBothCpus(String name, int x86, int aarch64) {
        assertThat(X86.number(Syscall.named(name).orElseThrow())).hasValue(x86);
        assertThat(AARCH64.number(Syscall.named(name).orElseThrow())).hasValue(aarch64);
        assertThat(X86.call(x86).map(Syscall::label)).contains(name);
        assertThat(AARCH64.call(aarch64).map(Syscall::label)).contains(name);
    }

    @Test
    void callsOfOneCpuAreMissingOnTheOther() {
        assertThat(X86.number(Syscall.named("open").orElseThrow())).hasValue(2);
        assertThat(AARCH64.number(Syscall.named("open").orElseThrow())).isEmpty();
        assertThat(X86.number(Syscall.named("uretprobe").orElseThrow())).hasValue(335);
        assertThat(AARCH64.number(Syscall.named("uretprobe").orElseThrow())).isEmpty();
        assertThat(Syscall.named("raed")).isEmpty();
    }

    @Test
    void numbersThatWereNeverGivenHaveNoName() {
        assertThat(X86.call(-1)).isEmpty();
        assertThat(X86.call(337)).isEmpty();
        assertThat(X86.call(423)).isEmpty();
        assertThat(AARCH64.call(244)).isEmpty();
        assertThat(AARCH64.call(295)).isEmpty();
        assertThat(X86.limit()).isEqualTo(472);
        assertThat(AARCH64.limit()).isEqualTo(472);
    }

    @ParameterizedTest
    @EnumSource
    void noNameStandsTwice(CpuArchitecture cpu) {
        SyscallTable table = SyscallTable.of(cpu);
        int names = 0;
        for (int number = 0; number < table.limit(); number++) {
            if (table.call(number).isPresent()) {
                names++;
                assertThat(table.number(table.call(number).get())).hasValue(number);
            }
        }
        assertThat(names).isEqualTo(cpu == CpuArchitecture.X86_64 ? 385 : 327);
    }

    @ParameterizedTest
    @EnumSource
    void everyCallBelongsToSomeCpuAndHasAVersion(Syscall call) {
        assertThat(X86.number(call).isPresent() || AARCH64.number(call).isPresent()).isTrue();
        String setAside =
                "afs_syscall epoll_ctl_old epoll_wait_old getpmsg putpmsg security tuxcall vserver";
        assertThat(call.since().isEmpty())
                .isEqualTo(List.of(setAside.split(" ")).contains(call.label()));
        call.since().ifPresent(version -> assertThat(version).matches("\\d+\\.\\d+(\\.\\d+)?"));
    }

    @ParameterizedTest
    @EnumSource
    void theCallsOfALaunchHaveTheseNumbers(CpuArchitecture cpu) {
        for (Call call : Call.values()) {
            assertThat(SyscallTable.of(cpu).number(Syscall.named(call.label()).orElseThrow()))
                    .as(call.label())
                    .hasValue(call.number(cpu));
        }
    }

    @Test
    void theTableOfX86AgreesWithTheHeader() throws IOException {
        List<String> header =
                lines(
                        "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
                        "/usr/include/asm/unistd_64.h");
        assertAgrees(X86, defines(header, "__NR_(\\w+)"));
    }

    @Test
    void theTableOfAarch64AgreesWithTheHeader() throws IOException {
        List<String> header = lines("/usr/include/asm-generic/unistd.h");
        Map<String, Integer> numbers = defines(header, "__NR_(\\w+)");
        // Calls of 32-bit CPUs, one that 64-bit ARM has under another name, marks that are no
        // calls.
        numbers.values().removeIf(number -> number >= 403 && number <= 423);
        numbers.keySet().removeAll(Set.of("sync_file_range2", "syscalls", "arch_specific_syscall"));
        // A number "#define __NR3264_lseek 62" gets its name "#define __NR_lseek __NR3264_lseek"
        // later, first for 64 bits, then for 32.
        Map<String, Integer> wide = defines(header, "__NR3264_(\\w+)");
        Set<String> named = new HashSet<>();
        Pattern alias = Pattern.compile("#define\\s+__NR_(\\w+)\\s+__NR3264_(\\w+)");
        for (String line : header) {
            Matcher matcher = alias.matcher(line);
            if (matcher.lookingAt()
                    && wide.containsKey(matcher.group(2))
                    && named.add(matcher.group(2))) {
                numbers.put(matcher.group(1), wide.get(matcher.group(2)));
            }
        }
        assertThat(named).as("calls that differ between 32 and 64 bits").contains("lseek", "mmap");
        assertAgrees(AARCH64, numbers);
    }

    /// What the header has up to the end of the table; a newer header has more.
    private static void assertAgrees(SyscallTable table, Map<String, Integer> header) {
        assertThat(header).hasSizeGreaterThan(250);
        header.forEach((name, number) -> {
            if (number < table.limit()) {
                assertThat(table.call(number).map(Syscall::label))
                        .as("call %d", number)
                        .contains(name);
            }
        });
    }

    private static Map<String, Integer> defines(List<String> header, String name) {
        Pattern define = Pattern.compile("#define\\s+" + name + "\\s+(\\d+)\\s*");
        Map<String, Integer> numbers = new HashMap<>();
        for (String line : header) {
            Matcher matcher = define.matcher(line);
            if (matcher.matches()) {
                numbers.put(matcher.group(1), Integer.valueOf(matcher.group(2)));
            }
        }
        return numbers;
    }

    private static List<String> lines(String... paths) throws IOException {
        for (String path : paths) {
            if (Files.isReadable(Path.of(path))) {
                return Files.readAllLines(Path.of(path));
            }
        }
        assumeThat(paths).as("kernel headers (Debian: linux-libc-dev)").isEmpty();
        return List.of();
    }
}
