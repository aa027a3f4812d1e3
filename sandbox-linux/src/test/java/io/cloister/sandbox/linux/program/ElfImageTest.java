package io.cloister.sandbox.linux.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

class ElfImageTest {

    private static final int MEMORY_SIZE = 0x20000;
    private static final byte[] DATA = randomBytes(1000);

    @ParameterizedTest
    @EnumSource
    void theHeaderSaysStaticLittleEndian64BitExecutable(CpuArchitecture architecture) {
        ByteBuffer image = image(architecture);

        assertThat(bytes(image, 0, 8)).isEqualTo(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0});
        assertThat(image.getShort(16)).as("e_type").isEqualTo((short) 2);
        assertThat(image.getInt(20)).as("e_version").isEqualTo(1);
        assertThat(image.getLong(32)).as("e_phoff").isEqualTo(64);
        assertThat(image.getShort(52)).as("e_ehsize").isEqualTo((short) 64);
        assertThat(image.getShort(54)).as("e_phentsize").isEqualTo((short) 56);
    }

    @ParameterizedTest
    @EnumSource
    void theImageHasNoSections(CpuArchitecture architecture) {
        ByteBuffer image = image(architecture);

        assertThat(image.getLong(40)).as("e_shoff").isZero();
        assertThat(image.getShort(60)).as("e_shnum").isZero();
    }

    @ParameterizedTest
    @CsvSource({"X86_64, 62", "AARCH64, 183"})
    void theMachineIsThatOfTheArchitecture(CpuArchitecture architecture, short machine) {
        assertThat(image(architecture).getShort(18)).isEqualTo(machine);
    }

    @ParameterizedTest
    @EnumSource
    void theEntryIsTheFirstByteOfTheInterpreter(CpuArchitecture architecture) {
        ByteBuffer image = image(architecture);
        byte[] code = Interpreter.listing(architecture).machineCode();

        int entry = Math.toIntExact(image.getLong(24));
        assertThat(entry).isEqualTo(0x10000100);
        assertThat(bytes(image, entry - 0x10000000, code.length)).isEqualTo(code);
    }

    @ParameterizedTest
    @EnumSource
    void theCodeSegmentHasHeadersAndCodeAndIsNotWritable(CpuArchitecture architecture) {
        long end = 0x100 + Interpreter.listing(architecture).machineCode().length;

        assertThat(segments(image(architecture)).get(0))
                .isEqualTo(
                        new Segment(1, 5, 0, 0x10000000, end, end, architecture.largestPageSize()));
    }

    @ParameterizedTest
    @CsvSource({"X86_64, 0x1000", "AARCH64, 0x10000"})
    void theDataSegmentHasTheDataAndIsNotExecutable(CpuArchitecture architecture, int pageSize) {
        ByteBuffer image = image(architecture);

        assertThat(segments(image).get(1))
                .isEqualTo(
                        new Segment(
                                1, 6, pageSize, 0x10010000, DATA.length, MEMORY_SIZE, pageSize));
        assertThat(bytes(image, pageSize, DATA.length)).isEqualTo(DATA);
        assertThat(image.capacity()).isEqualTo(pageSize + DATA.length);
    }

    @ParameterizedTest
    @EnumSource
    void theStackIsNotExecutable(CpuArchitecture architecture) {
        Segment stack = segments(image(architecture)).get(2);

        assertThat(stack.type()).isEqualTo(0x6474e551);
        assertThat(stack.flags()).isEqualTo(6);
    }

    @ParameterizedTest
    @EnumSource
    void everyLoadedSegmentIsAsMmapWantsIt(CpuArchitecture architecture) {
        assertThat(segments(image(architecture)).subList(0, 2))
                .allSatisfy(segment ->
                        assertThat(segment.address() % segment.align())
                                .isEqualTo(segment.offset() % segment.align()));
    }

    @Test
    void theSameInputGivesTheSameImage() {
        assertThat(image(CpuArchitecture.X86_64)).isEqualTo(image(CpuArchitecture.X86_64));
    }

    @Test
    void dataWithoutRoomForOneOperationIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ElfImage.build(CpuArchitecture.X86_64, new byte[127], 4096))
                .withMessage("data must have at least 128 bytes, had 127");
        assertThat(ElfImage.build(CpuArchitecture.X86_64, new byte[128], 128)).hasSize(4096 + 128);
    }

    @Test
    void memoryThatDoesNotHoldTheDataIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ElfImage.build(CpuArchitecture.X86_64, DATA, 999))
                .withMessage("memorySize must be >= 1000 (the data), was 999");
    }

    @Test
    void memoryBeyondTwoGibibytesIsRefused() {
        int largest = 0x6ffeffff;
        assertThat(ElfImage.build(CpuArchitecture.X86_64, DATA, largest)).hasSize(4096 + 1000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ElfImage.build(CpuArchitecture.X86_64, DATA, largest + 1))
                .withMessage("memorySize must be <= 1878982655, was 1878982656");
    }

    private record Segment(
            int type,
            int flags,
            long offset,
            long address,
            long fileSize,
            long memorySize,
            long align) {}

    private static List<Segment> segments(ByteBuffer image) {
        return IntStream.range(0, image.getShort(56))
                .map(index -> 64 + 56 * index)
                .mapToObj(at ->
                        new Segment(
                                image.getInt(at),
                                image.getInt(at + 4),
                                image.getLong(at + 8),
                                image.getLong(at + 16),
                                image.getLong(at + 32),
                                image.getLong(at + 40),
                                image.getLong(at + 48)))
                .toList();
    }

    private static ByteBuffer image(CpuArchitecture architecture) {
        return ByteBuffer.wrap(ElfImage.build(architecture, DATA, MEMORY_SIZE))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] bytes(ByteBuffer image, int from, int count) {
        return Arrays.copyOfRange(image.array(), from, from + count);
    }

    private static byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        new Random(1).nextBytes(bytes);
        return bytes;
    }
}
