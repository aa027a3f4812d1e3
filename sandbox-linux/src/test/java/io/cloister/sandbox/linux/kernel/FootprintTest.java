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
                        String kib = status(pid, "VmRSS:").replace("kB", "").strip();
                        // A zombie has no memory at all.
                        assertThat(kib.isEmpty() ? 0 : Long.parseLong(kib))
                                .isLessThanOrEqualTo(LIMIT_KIB);
                    });
            process.cancel();
        }
    }

    private static String status(long pid, String field) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
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
