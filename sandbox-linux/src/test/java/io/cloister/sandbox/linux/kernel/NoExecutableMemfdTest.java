package io.cloister.sandbox.linux.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Sandbox;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A host may forbid executable memfds (vm.memfd_noexec=2); the launcher then is an unlinked file.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NoExecutableMemfdTest {

    private static final String REFUSED = "this host does not let us set it";

    @Test
    void launchesWorkWithoutExecutableMemfds() {
        Assumptions.assumeTrue(
                Files.exists(Path.of("/proc/sys/vm/memfd_noexec")),
                "no vm.memfd_noexec before Linux 6.3");
        Host.needsProgram("unshare", "util-linux");
        String script =
                "echo 2 > /proc/sys/vm/memfd_noexec || { echo '%s'; exit 0; }; exec \"$@\""
                        .formatted(REFUSED);
        List<String> words =
                new ArrayList<>(
                        List.of("unshare", "-Urpf", "--mount-proc", "/bin/sh", "-c", script, "sh"));
        words.addAll(Host.java(Launches.class));
        String text = Host.output(words);
        Assumptions.assumeFalse(
                text.contains(REFUSED) || text.startsWith("unshare:"),
                "cannot set vm.memfd_noexec in a PID namespace of our own: " + text.strip());
        assertThat(text).isEqualTo("memfd_noexec 2\nExited[code=0]\nran\n");
    }

    /// A program of its own JVM: one launch.
    static final class Launches {
        private Launches() {}

        public static void main(String[] args) throws InterruptedException {
            System.out.println("memfd_noexec " + Host.read("/proc/sys/vm/memfd_noexec").strip());
            try (Sandbox sandbox = Sandbox.builder().build()) {
                var result = sandbox.run("/bin/echo", "ran");
                System.out.println(result.outcome());
                System.out.print(result.stdoutText());
            }
        }
    }
}
