package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Hogs.hog;
import static io.cloister.sandbox.linux.kernel.Hogs.hogs;
import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Runs.shell;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.Tmpfs;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.concurrent.TimeUnit;

/// What a run may write to file systems in memory, and to a file.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DiskLimitTest {

    private static final int SIZE = 8 * 1024 * 1024;
    private static final int INODES = 500;

    private static Sandbox.Builder limited() {
        return hogs().scratchSize(Bytes.of(SIZE))
                .scratchInodes(INODES)
                .mount(new Tmpfs("/data", Bytes.of(SIZE), INODES, 0755));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tmp/x", "/dev/shm/x", "/data/x"})
    void aFillerEnds(String path) {
        String acts = "fill %d %s stay".formatted(2 * SIZE, path);
        assertThat(run(limited(), hog(acts))).reached(Limit.DISK);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tmp/x", "/dev/shm/x", "/data/x"})
    void oneThatNearlyFillsAndTidiesUpDoesNot(String path) {
        String acts = "fill %d %s stay".formatted(SIZE - SIZE / 8, path);
        assertThat(run(limited(), hog(acts + " , nap 200 , " + acts))).exited(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tmp", "/dev/shm", "/data"})
    void oneThatMakesTooManyFilesEnds(String directory) {
        String acts = "files %d %s stay".formatted(2 * INODES, directory);
        assertThat(run(limited(), hog(acts))).reached(Limit.DISK);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tmp", "/dev/shm", "/data"})
    void oneThatMakesManyFilesAndTidiesUpDoesNot(String directory) {
        String acts = "files %d %s stay".formatted(INODES / 2, directory);
        assertThat(run(limited(), hog(acts + " , nap 200 , " + acts))).exited(0);
    }

    @Test
    void oneThatFailsBecauseItIsFullReachedTheLimit() {
        var builder = limited();
        assertThat(shell(builder, "dd if=/dev/zero of=/tmp/x bs=64k count=1000; exit 1"))
                .reached(Limit.DISK);
        assertThat(shell(builder, "dd if=/dev/zero of=/tmp/x bs=64k count=10; exit 1")).exited(1);
    }

    @Test
    void aFillerInAChildEnds() {
        var builder = limited();
        String script = "(dd if=/dev/zero of=/data/x bs=64k count=%d); sleep 30";
        assertThat(shell(builder, script.formatted(1000))).reached(Limit.DISK);
        String less = "(dd if=/dev/zero of=/data/x bs=64k count=%d); sleep 0.3";
        assertThat(shell(builder, less.formatted(10))).exited(0);
    }

    @Test
    void theNextRunFindsItEmpty() throws InterruptedException {
        try (Sandbox sandbox = limited().build()) {
            for (int i = 0; i < 3; i++) {
                assertThat(sandbox.run(hog("fill " + 2 * SIZE + " /tmp/x stay")))
                        .reached(Limit.DISK);
                assertThat(sandbox.run(hog("fill " + SIZE / 2 + " /tmp/x stay"))).exited(0);
            }
        }
    }

    @Test
    void aFileThatIsTooLargeEndsTheRun() {
        var builder = hogs().rlimit(Rlimit.FSIZE, SIZE / 2);
        assertThat(run(builder, hog("fill " + SIZE + " /tmp/x stay"))).reached(Limit.DISK);
        assertThat(run(builder, hog("fill " + SIZE / 2 + " /tmp/x stay"))).exited(0);
    }

    @Test
    void aProgramThatIgnoresTheSignalSeesTheError() {
        var builder = hogs().rlimit(Rlimit.FSIZE, SIZE / 2);
        assertThat(run(builder, hog("large " + SIZE + " /tmp/x"))).failedWith(Errno.EFBIG);
        assertThat(run(builder, hog("large " + SIZE / 4 + " /tmp/x"))).exited(0);
    }

    @Test
    void aSignalThatTheCommandSendsItselfIsNoLimit() {
        assertThat(run(hogs(), hog("raise 25"))).signalled(Signal.XFSZ);
    }

    /// The kernel sends the same one, and nothing tells the two apart.
    @Test
    void aSignalThatTheCommandSendsItselfUnderALimitIsTakenForTheLimit() {
        var builder = hogs().rlimit(Rlimit.FSIZE, SIZE / 2);
        assertThat(run(builder, hog("raise 25"))).reached(Limit.DISK);
        assertThat(run(builder, hog("raise 15"))).signalled(Signal.TERM);
    }
}
