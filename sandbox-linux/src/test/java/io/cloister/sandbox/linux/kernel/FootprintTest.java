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
    void eachProcessOfOursTakesAtMost64KiB() {
        Assumptions.assumeTrue(
                System.getProperty("os.arch").equals("amd64"), "pages may be larger than 4 KiB");
        List<Long> sizes = Host.output(Host.java(Fresh.class)).lines().map(Long::valueOf).toList();
        // The launcher and the sandbox's first process, at least.
        assertThat(sizes).hasSizeGreaterThanOrEqualTo(2);
        long limit = Host.isRoot() ? LIMIT_KIB : LIMIT_KIB + ERROR_KIB;
        assertThat(sizes).allSatisfy(kib -> assertThat(kib).isLessThanOrEqualTo(limit));
    }

    /// A program of its own JVM: a launcher that has had larger requests keeps the pages for them.
    static final class Fresh {
        private Fresh() {}

        public static void main(String[] args) throws Exception {
            try (Sandbox sandbox = strict().build()) {
                SandboxProcess process = sandbox.start(victim("sleep", "footprint"));
                ProcessHandle.current()
                        .descendants()
                        .map(ProcessHandle::pid)
                        .filter(pid -> pid != process.pid())
                        .filter(pid -> field(pid, "status", "Name:").equals("cloister"))
                        .forEach(pid -> System.out.println(resident(pid)));
                process.cancel();
            }
        }
    }

    private static long resident(long pid) {
        String kib =
                Host.isRoot() ? field(pid, "smaps_rollup", "Rss:") : field(pid, "status", "VmRSS:");
        return kib.isEmpty() ? 0 : Long.parseLong(kib.replace("kB", "").strip());
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
