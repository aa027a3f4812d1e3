package io.cloister.sandbox.linux.ffm;

import static io.cloister.sandbox.linux.program.Linux.O_PATH;
import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.program.Call;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

@Tag("kernel")
class FileUserTest {

    private static final int UID = 123_456;
    private static final int GID = 234_567;

    @TempDir Path directory;

    private static void needsRoot(boolean root) throws Exception {
        boolean isRoot = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        Assumptions.assumeTrue(
                isRoot == root, root ? "needs CAP_SETUID: run as root" : "needs an ordinary user");
    }

    @Test
    void rootIsNoUserToBecome() {
        assertThatIllegalArgumentException().isThrownBy(() -> FileUser.of(0, GID));
        assertThatIllegalArgumentException().isThrownBy(() -> FileUser.of(UID, 0));
    }

    @Test
    void anOrdinaryJvmCannotBecomeAnother() throws Exception {
        needsRoot(false);
        assertThatIllegalStateException()
                .isThrownBy(() -> FileUser.of(UID, GID))
                .withMessageContaining("CAP_SETUID");
        assertThat(FileUser.self().call(Call.GETPID)).isPositive();
    }

    @Test
    void theRightsAreThoseOfTheUserForTheCallAlone() throws Exception {
        needsRoot(true);
        TreeCalls user = TreeCalls.as(FileUser.of(UID, GID));
        Files.setAttribute(directory, "unix:mode", 0755);
        Path file = Files.writeString(directory.resolve("f"), "x");
        int parent = Kernel.open(directory.toString(), O_PATH, 0);
        int reference = user.refer(parent, "f");
        Files.setAttribute(file, "unix:mode", 0640);
        assertThat(user.reopen(reference, O_RDONLY)).isEqualTo(Errno.EACCES.negated());
        int own = TreeCalls.asSelf().reopen(reference, O_RDONLY);
        assertThat(own).isPositive();
        assertThat(user.makeDirectory(parent, "d", 0700)).isEqualTo(Errno.EACCES.negated());
        Files.setAttribute(directory, "unix:uid", UID);
        assertThat(user.makeDirectory(parent, "d", 0700)).isZero();
        assertThat(Files.getAttribute(directory.resolve("d"), "unix:uid")).isEqualTo(UID);
        assertThat(Files.getAttribute(directory.resolve("d"), "unix:gid")).isEqualTo(GID);
        assertThat((int) Kernel.call(Call.SETFSUID, -1)).isZero();
        assertThat((int) Kernel.call(Call.SETFSGID, -1)).isZero();
        for (int fd : new int[] {parent, reference, own}) {
            Kernel.close(fd);
        }
    }

    /// Virtual threads share carriers: what one leaves behind another would find.
    @Test
    void manyThreadsWithDifferentRightsDoNotMixThemUp() throws Exception {
        needsRoot(true);
        Files.setAttribute(directory, "unix:mode", 0777);
        int parent = Kernel.open(directory.toString(), O_PATH, 0);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                int number = i;
                int uid = i % 3 == 0 ? 0 : UID + i % 3;
                TreeCalls calls =
                        uid == 0 ? TreeCalls.asSelf() : TreeCalls.as(FileUser.of(uid, GID));
                tasks.add(
                        threads.submit(() -> {
                            for (int j = 0; j < 20; j++) {
                                String name = number + "-" + j;
                                assertThat(calls.makeDirectory(parent, name, 0700)).isZero();
                                assertThat(calls.facts(parent, name).uid()).isEqualTo(uid);
                                Thread.yield();
                                Path own = Files.createFile(directory.resolve(name + "f"));
                                assertThat(Files.getAttribute(own, "unix:uid")).isEqualTo(0);
                                Files.delete(own);
                            }
                            return null;
                        }));
            }
            for (Future<?> task : tasks) {
                task.get();
            }
        }
        Kernel.close(parent);
    }
}
