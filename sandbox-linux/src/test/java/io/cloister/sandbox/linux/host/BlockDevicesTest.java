package io.cloister.sandbox.linux.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.policy.DeviceIo;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;

class BlockDevicesTest {

    // gnu_dev_makedev of glibc: the low 12 bits of the major number from bit 8, its others from bit
    // 44; the low 8 bits of the minor number from bit 0, its others from bit 20.
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "0x801, 8, 1",
        "0x8ff, 8, 255",
        "0x10300, 259, 0",
        "0x100800, 8, 256",
        "0x12300845, 8, 74565",
        "0xfff00, 4095, 0",
        "0x100000000500, 4101, 0",
        "0xffff000f00000ff, 0xffff000, 0xf00ff",
        "0xffffffffffffffff, -1, -1"
    })
    void aNumberIsTakenApartAsGlibcPacksIt(String number, String major, String minor) {
        long packed = number.equals("0") ? 0 : Long.parseUnsignedLong(number.substring(2), 16);
        assertThat(BlockDevices.major(packed)).isEqualTo(Long.decode(major).intValue());
        assertThat(BlockDevices.minor(packed)).isEqualTo(Long.decode(minor).intValue());
    }

    @Test
    @Tag("kernel")
    void aFileOnNoDiskIsRefused() {
        DeviceIo io = DeviceIo.operationsPerSecond(Path.of("/proc/version"), 1, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BlockDevices.limits(io))
                .withMessageStartingWith("io of /proc/version cannot be limited: device 0:")
                .withMessageEndingWith("is no disk; name a disk, or a file on one");
    }

    @Test
    @Tag("kernel")
    void aPathThatIsNotThereIsRefused() {
        DeviceIo io = DeviceIo.operationsPerSecond(Path.of("/no/such/device"), 1, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BlockDevices.limits(io))
                .withMessageStartingWith("io of /no/such/device cannot be limited: ")
                .withMessageContaining("there is no such file");
    }
}
