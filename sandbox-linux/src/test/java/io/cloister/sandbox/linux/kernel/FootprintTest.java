package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What Cloister itself costs while a sandbox runs.
@Tag("kernel")
class FootprintTest {

    private static final long LIMIT_KIB = 64;

    /// By how much the kernel's counters may be wrong that anybody may read: each processor keeps
    /// up to 32 pages to itself. The exact numbers are not for an ordinary user, since the first
    /// process cannot be looked into.
    private static final long ERROR_KIB = 32 * 4L * Runtime.getRuntime().availableProcessors();

    @Test
    void eachProcessOfOursTakesAtMost64KiB() throws Exception {
        Assumptions.assumeTrue(
                System.getProperty("os.arch").equals("amd64"), "pages may be larger than 4 KiB");
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess process = sandbox.start(victim("sleep", "footprint"));
            List<Long> ours =
                    ProcessHandle.current()
                            .descendants()
                            .map(ProcessHandle::pid)
                            .filter(pid -> pid != process.pid())
                            .filter(pid -> status(pid, "Name:").equals("cloister"))
                            .toList();
            // The launcher and the sandbox's first process, at least.
            assertThat(ours).hasSizeGreaterThanOrEqualTo(2);
            assertThat(ours)
                    .allSatisfy(pid -> {
                        // A zombie has no memory at all.
                        assertThat(resident(pid))
                                .isLessThanOrEqualTo(
                                        Host.isRoot() ? LIMIT_KIB : LIMIT_KIB + ERROR_KIB);
                    });
            process.cancel();
        }
    }

    private static long resident(long pid) {
        String kib =
                Host.isRoot() ? field(pid, "smaps_rollup", "Rss:") : field(pid, "status", "VmRSS:");
        return kib.isEmpty() ? 0 : Long.parseLong(kib.replace("kB", "").strip());
    }

    private static String status(long pid, String field) {
        return field(pid, "status", field);
    }

    private static String field(long pid, String file, String field) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/" + file)).stream()
                    .filter(line -> line.startsWith(field))
                    .map(line -> line.substring(field.length()).strip())
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            // It has ended in the meantime.
            return "";
        }
    }
}
