package io.cloister.sandbox.linux.ffm;

import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.WEXITED;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.charset.StandardCharsets;
import java.util.List;

@Tag("kernel")
@Timeout(60)
class SpawnerTest {

    @Test
    void aProgramThatIsNotThereIsToldAtOnce() {
        assertThat(Spawner.spawn("/not/there")).isEqualTo(Errno.ENOENT.negated());
        assertThat(Spawner.spawn("/etc")).isEqualTo(Errno.EACCES.negated());
    }

    @Test
    void itsDescriptorsAreThoseThatWereGiven() {
        assertThat(shell("echo out; echo err >&2; echo three >&3"))
                .containsExactly("out", "err", "three");
    }

    @Test
    void noSignalIsBlockedOrIgnored() {
        List<String> status = shell("while read a b; do echo $a$b; done </proc/$$/status");
        // The shell itself catches some, and waits with none blocked.
        assertThat(status).contains("SigIgn:0000000000000000", "SigBlk:0000000000000000");
    }

    @Test
    void itsNameIsOursAndItsEnvironmentIsEmpty() {
        assertThat(shell("echo $0 $#; echo \"[$HOME$USER$JAVA_HOME]\""))
                .containsExactly("cloister 0", "[]");
    }

    /// Runs a script that comes from standard input; everything else is one pipe.
    private static List<String> shell(String script) {
        Kernel.Pair in = Kernel.pipe(O_CLOEXEC);
        Kernel.Pair out = Kernel.pipe(O_CLOEXEC);
        byte[] bytes = (script + "\n").getBytes(StandardCharsets.UTF_8);
        Kernel.write(in.second(), bytes, 0, bytes.length);
        int pid = Spawner.spawn("/bin/sh", in.first(), out.second(), out.second(), out.second());
        assertThat(pid).isPositive();
        for (int fd : new int[] {in.first(), in.second(), out.second()}) {
            Kernel.close(fd);
        }
        StringBuilder text = new StringBuilder();
        NativeBuffer buffer = new NativeBuffer(65536);
        for (int n = 1; n > 0; ) {
            n = Kernel.read(out.first(), buffer, buffer.size());
            byte[] read = new byte[Math.max(0, n)];
            buffer.get(0, read, 0, read.length);
            text.append(new String(read, StandardCharsets.UTF_8));
        }
        Kernel.close(out.first());
        int pidfd = Kernel.pidfdOpen(pid);
        assertThat(Kernel.waitPidfd(pidfd, WEXITED)).isZero();
        Kernel.close(pidfd);
        return text.toString().lines().toList();
    }
}
