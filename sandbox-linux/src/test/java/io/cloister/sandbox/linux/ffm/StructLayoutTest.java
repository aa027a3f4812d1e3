package io.cloister.sandbox.linux.ffm;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.ffm.Kernel.FileStatus;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.program.Linux;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.MemoryLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/// The structures that are shared with the kernel: size and offsets, or, where a binding reads them
/// by offset, that it reads what the JDK says of the same object.
class StructLayoutTest {

    /// `struct msghdr` of a 64-bit kernel is the same on both CPUs.
    @ParameterizedTest
    @CsvSource({
        "msg_name, 0, 8",
        "msg_namelen, 8, 4",
        "msg_iov, 16, 8",
        "msg_iovlen, 24, 8",
        "msg_control, 32, 8",
        "msg_controllen, 40, 8",
        "msg_flags, 48, 4"
    })
    void aFieldOfMsghdrStandsWhereTheKernelLooksForIt(String field, long offset, long size) {
        MemoryLayout.PathElement path = MemoryLayout.PathElement.groupElement(field);
        assertThat(Packets.MSGHDR.byteOffset(path)).isEqualTo(offset);
        assertThat(Packets.MSGHDR.select(path).byteSize()).isEqualTo(size);
    }

    @Test
    void msghdrHas56Bytes() {
        assertThat(Packets.MSGHDR.byteSize()).isEqualTo(56);
        assertThat(Packets.MSGHDR.byteAlignment()).isEqualTo(8);
    }

    /// `struct epoll_event` is packed on x86-64 alone.
    @Test
    @Tag("kernel")
    void epollEventIsPackedOnX86Only() {
        boolean packed = Kernel.cpu() == CpuArchitecture.X86_64;
        assertThat(Kernel.epollEventSize()).isEqualTo(packed ? 12 : 16);
        assertThat(Kernel.epollDataOffset()).isEqualTo(packed ? 4 : 8);
    }

    @Test
    @Tag("kernel")
    void theEventsOfTwoDescriptorsComeBackWithTheirData() {
        Kernel.Pair one = Kernel.pipe(Linux.O_CLOEXEC);
        Kernel.Pair two = Kernel.pipe(Linux.O_CLOEXEC);
        int epoll = Kernel.epollCreate();
        long first = 0x8123_4567_89ab_cdefL;
        long second = 0x0fed_cba9_8765_4321L;
        add(epoll, one.first(), first);
        add(epoll, two.first(), second);
        NativeBuffer events = new NativeBuffer(4 * Kernel.epollEventSize());
        assertThat(Kernel.epollWait(epoll, events, 0)).isZero();
        Kernel.write(one.second(), new byte[1], 0, 1);
        Kernel.close(two.second());
        assertThat(Kernel.epollWait(epoll, events, 1000)).isEqualTo(2);
        int size = Kernel.epollEventSize();
        int data = Kernel.epollDataOffset();
        Map<Long, Integer> told =
                Map.of(
                        events.getLong(data),
                        events.getInt(0),
                        events.getLong(size + data),
                        events.getInt(size));
        assertThat(told).isEqualTo(Map.of(first, Linux.EPOLLIN, second, Linux.EPOLLHUP));
        for (int fd : new int[] {epoll, one.first(), one.second(), two.first()}) {
            Kernel.close(fd);
        }
    }

    private static void add(int epoll, int fd, long data) {
        assertThat(Kernel.epollControl(epoll, Linux.EPOLL_CTL_ADD, fd, Linux.EPOLLIN, data))
                .isZero();
    }

    /// `struct statx`: the fields that are used.
    @ParameterizedTest
    @ValueSource(strings = {"file", "directory", "device"})
    @Tag("kernel")
    void theStatusOfADescriptorIsWhatTheJdkSaysOfThePath(String kind, @TempDir Path directory)
            throws Exception {
        Path path =
                switch (kind) {
                    case "file" -> Files.createFile(directory.resolve("f"));
                    case "directory" -> directory;
                    default -> Path.of("/dev/null");
                };
        if (kind.equals("file")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx-w-r--"));
        }
        int fd = Kernel.open(path.toString(), Linux.O_PATH | Linux.O_CLOEXEC, 0);
        FileStatus status = Kernel.status(fd);
        Kernel.close(fd);
        Map<String, Object> known = Files.readAttributes(path, "unix:mode,ino,uid,gid,dev");
        assertThat(status.mode()).isEqualTo(known.get("mode"));
        assertThat(status.inode()).isEqualTo(known.get("ino"));
        assertThat(status.uid()).isEqualTo(known.get("uid"));
        assertThat(status.gid()).isEqualTo(known.get("gid"));
        long device = (long) known.get("dev");
        long major = (device >>> 8 & 0xfff) | (device >>> 32 & 0xfffff000L);
        long minor = (device & 0xff) | (device >>> 12 & 0xffffff00L);
        assertThat(status.device()).isEqualTo(major | minor << 32);
    }

    /// `struct rlimit`.
    @ParameterizedTest
    @CsvSource({"7, Max open files", "6, Max processes", "4, Max core file size"})
    @Tag("kernel")
    void theHardLimitIsThatOfProc(int resource, String name) throws Exception {
        String line =
                Files.readAllLines(Path.of("/proc/self/limits")).stream()
                        .filter(each -> each.startsWith(name))
                        .findFirst()
                        .orElseThrow();
        String hard = line.substring(name.length()).trim().split("\\s+")[1];
        assertThat(Kernel.hardLimit(resource))
                .isEqualTo(hard.equals("unlimited") ? -1 : Long.parseLong(hard));
    }
}
