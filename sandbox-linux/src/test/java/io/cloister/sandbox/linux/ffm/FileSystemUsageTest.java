package io.cloister.sandbox.linux.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.linux.plan.StartReport;
import io.cloister.sandbox.linux.program.Linux;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

class FileSystemUsageTest {

    @Test
    @Tag("kernel")
    void theRoomIsThatOfTheFileSystemOfADescriptor() throws IOException {
        Path path = Path.of("/dev/shm");
        FileStore store = Files.getFileStore(path);
        int fd = Kernel.open(path.toString(), Linux.O_PATH | Linux.O_CLOEXEC, 0);
        StartReport.Room room = FileSystemUsage.of(fd);
        Kernel.close(fd);
        assertThat(room.blocks()).isBetween(1L, store.getTotalSpace() / store.getBlockSize());
        assertThat(room.inodes()).isPositive();
        assertThat(room.isFull()).isFalse();
    }

    @Test
    @Tag("kernel")
    void aDescriptorThatIsNotOpenIsAnError() {
        assertThatIllegalStateException()
                .isThrownBy(() -> FileSystemUsage.of(-1))
                .withMessage("fstatfs of -1: -9");
    }
}
