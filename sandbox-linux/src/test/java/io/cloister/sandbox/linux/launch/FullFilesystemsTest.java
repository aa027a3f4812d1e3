package io.cloister.sandbox.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.plan.StartReport.Room;
import io.cloister.sandbox.linux.program.Linux;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.List;

@Tag("kernel")
class FullFilesystemsTest {

    private static final Room ROOM = new Room(5, 5);
    private static final Room NO_BLOCKS = new Room(0, 5);
    private static final Room NO_INODES = new Room(5, 0);

    private static int directory(String path) {
        int fd = Kernel.open(path, Linux.O_PATH | Linux.O_CLOEXEC, 0);
        assertThat(fd).as(path).isNotNegative();
        return fd;
    }

    private static boolean isOpen(int fd) {
        return Kernel.fcntl(fd, 1, 0) >= 0;
    }

    @Test
    void oneThatIsNotFullIsWatchedUntilTheEnd() {
        int fd = directory("/dev/shm");
        FullFilesystems watched = new FullFilesystems(List.of("/tmp"), List.of(fd), List.of(ROOM));
        assertThat(watched.isEmpty()).isFalse();
        assertThat(watched.full()).isEmpty();
        assertThat(isOpen(fd)).isTrue();
        watched.close();
        assertThat(watched.isEmpty()).isTrue();
        assertThat(watched.full()).isEmpty();
        assertThat(isOpen(fd)).isFalse();
        watched.close();
    }

    @Test
    void oneThatIsFullFromTheBeginningIsLetGo() {
        for (Room atFirst : List.of(NO_BLOCKS, NO_INODES)) {
            int full = directory("/proc");
            int other = directory("/dev/shm");
            try (FullFilesystems watched =
                    new FullFilesystems(
                            List.of("/a", "/b"), List.of(full, other), List.of(atFirst, ROOM))) {
                assertThat(isOpen(full)).isFalse();
                assertThat(isOpen(other)).isTrue();
                assertThat(watched.full()).isEmpty();
                assertThat(watched.isEmpty()).isFalse();
            }
            assertThat(isOpen(other)).isFalse();
        }
    }

    @Test
    void oneThatHadRoomAtFirstAndHasNoneNowIsFull() {
        // A procfs has no room for anything.
        int first = directory("/proc");
        int second = directory("/dev/shm");
        try (FullFilesystems watched =
                new FullFilesystems(
                        List.of("/a", "/b"), List.of(first, second), List.of(ROOM, ROOM))) {
            assertThat(watched.full()).containsExactly("/a");
        }
    }

    @Test
    void withoutAnyThereIsNothingToWatch() {
        try (FullFilesystems none = new FullFilesystems(List.of(), List.of(), List.of())) {
            assertThat(none.isEmpty()).isTrue();
            assertThat(none.full()).isEmpty();
        }
    }
}
