package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.ProcFilesystem.View;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The tree that begins with nothing.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EmptyRootKernelTest {

    private static Sandbox.Builder programs(Sandbox.Builder builder) {
        builder.readOnly(Path.of("/usr")).workDirectory("/");
        for (String name : List.of("bin", "lib", "lib64")) {
            if (Files.isDirectory(Path.of("/usr", name))) {
                builder.symlink("/" + name, "usr/" + name);
            }
        }
        return builder;
    }

    private static Sandbox.Builder bare() {
        return programs(Sandbox.builder().emptyRoot())
                .proc(ProcFilesystem.standard().view(View.ABSENT));
    }

    @Test
    void itHasTheMountsAlone() {
        assertThat(printed(bare(), "ls -A /").lines())
                .contains("usr", "bin", "lib")
                .doesNotContain("dev", "proc", "tmp", "etc", "run", "home", "var");
        assertThat(printed(programs(Sandbox.builder().emptyRootWithDevices()), "ls -A / /dev"))
                .contains("\ndev\n", "\nproc\n", "\nnull\n", "\nshm\n")
                .doesNotContain("\netc\n", "\ntmp\n");
    }

    @Test
    void writingToItFailsWithErofsAndToATmpfsSucceeds() {
        Sandbox.Builder builder = Victims.with(programs(Sandbox.builder().emptyRoot()));
        builder.tmpfs("/t", Bytes.mebibytes(1));
        assertThat(run(builder, victim("create", "/x", "600"))).failedWith(Errno.EROFS);
        assertThat(run(builder, victim("create", "/t/x", "600"))).exited(0);
    }

    @Test
    void manyRunsAndASessionWork() throws Exception {
        // From the second run on the base is prepared ahead.
        try (Sandbox sandbox = programs(Sandbox.builder().emptyRootWithDevices()).build()) {
            for (int i = 0; i < 4; i++) {
                assertThat(sandbox.run("/bin/sh", "-c", "echo x > /dev/shm/x; cat /dev/shm/x"))
                        .exited(0);
            }
            try (SandboxSession session = sandbox.open()) {
                assertThat(session.run(Command.of("/bin/sh", "-c", "test ! -e /dev/shm/x")))
                        .exited(0);
            }
        }
    }
}
