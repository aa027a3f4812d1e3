package io.cloister.sandbox.linux.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

class InterpreterListingTest {

    @TempDir Path directory;

    @ParameterizedTest
    @EnumSource
    void theBytesAreWhatBinutilsMakesOfTheMnemonics(CpuArchitecture architecture) throws Exception {
        Listing listing = Interpreter.listing(architecture);

        assertThat(assemble(architecture, listing.assembly()))
                .inHexadecimal()
                .isEqualTo(listing.machineCode());
    }

    @ParameterizedTest
    @EnumSource
    void aChangedMnemonicMakesOtherBytes(CpuArchitecture architecture) throws Exception {
        Listing listing = Interpreter.listing(architecture);
        String changed = listing.assembly().replace("4095", "4094");

        assertThat(assemble(architecture, changed))
                .hasSameSizeAs(listing.machineCode())
                .isNotEqualTo(listing.machineCode());
    }

    @ParameterizedTest
    @EnumSource
    void theCodeFitsIntoThreeCacheLines(CpuArchitecture architecture) {
        assertThat(Interpreter.listing(architecture).machineCode()).hasSizeLessThanOrEqualTo(192);
    }

    @Test
    void everyAarch64InstructionHasFourBytes() {
        assertThat(Interpreter.listing(CpuArchitecture.AARCH64).lines())
                .allSatisfy(line -> assertThat(line.code()).hasSize(4));
    }

    @Test
    void theConstantsAreThoseOfTheMnemonics() {
        assertThat(Interpreter.listing(CpuArchitecture.X86_64).assembly())
                .contains("mov ebx, 0x%x\n".formatted(Interpreter.PROGRAM_START))
                .contains("mov edx, 0x%x\n".formatted(Interpreter.RECORD))
                .contains("add rbx, %d\n".formatted(Interpreter.OPERATION_SIZE));
        assertThat(Interpreter.listing(CpuArchitecture.AARCH64).assembly())
                .contains("mov w20, #0x%x\n".formatted(Interpreter.RECORD))
                .contains("add x19, x20, #%d\n".formatted(Interpreter.RECORD_SIZE))
                .contains("add x19, x19, #%d\n".formatted(Interpreter.OPERATION_SIZE));
    }

    @Test
    void aTableIsReadColumnByColumn() {
        Listing listing = Listing.parse("90   | start: nop | waits\nebfd | jmp start |\n");

        assertThat(listing.lines())
                .containsExactly(
                        new Listing.Line("90", "start: nop", "waits"),
                        new Listing.Line("ebfd", "jmp start", ""));
        assertThat(listing.machineCode()).isEqualTo(new byte[] {(byte) 0x90, (byte) 0xeb, -3});
        assertThat(listing.assembly()).isEqualTo("start: nop\njmp start\n");
    }

    @Test
    void aLineWithoutThreeColumnsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Listing.parse("90 | nop"))
                .withMessage("a line must have 3 columns, had 2: 90 | nop");
    }

    @Test
    void aLineWithoutWholeBytesIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Listing.parse("| nop |"))
                .withMessage("hex must not be empty, at: nop");
        assertThatIllegalArgumentException().isThrownBy(() -> Listing.parse("9 | nop |"));
        assertThatIllegalArgumentException().isThrownBy(() -> Listing.parse("9x | nop |"));
    }

    private byte[] assemble(CpuArchitecture architecture, String assembly)
            throws IOException, InterruptedException {
        String prefix = prefix(architecture);
        Path source = directory.resolve("interpreter.s");
        Path object = directory.resolve("interpreter.o");
        Path binary = directory.resolve("interpreter.bin");
        Files.writeString(source, syntax(architecture) + assembly);
        runTool(architecture, prefix + "as", "-o", object.toString(), source.toString());
        runTool(
                architecture,
                prefix + "objcopy",
                "--output-target=binary",
                "--only-section=.text",
                object.toString(),
                binary.toString());
        return Files.readAllBytes(binary);
    }

    private static String syntax(CpuArchitecture architecture) {
        return switch (architecture) {
            case X86_64 -> ".intel_syntax noprefix\n";
            case AARCH64 -> "";
        };
    }

    private static String prefix(CpuArchitecture architecture) {
        return switch (architecture) {
            case X86_64 -> "x86_64-linux-gnu-";
            case AARCH64 -> "aarch64-linux-gnu-";
        };
    }

    private static String debianPackage(CpuArchitecture architecture) {
        return switch (architecture) {
            case X86_64 -> "binutils-x86-64-linux-gnu";
            case AARCH64 -> "binutils-aarch64-linux-gnu";
        };
    }

    private void runTool(CpuArchitecture architecture, String... command)
            throws IOException, InterruptedException {
        assumeTrue(
                isInstalled(command[0]),
                () ->
                        "needs %s (Debian package %s)"
                                .formatted(command[0], debianPackage(architecture)));
        Path messages = directory.resolve("messages");
        Process tool =
                new ProcessBuilder(List.of(command))
                        .redirectErrorStream(true)
                        .redirectOutput(messages.toFile())
                        .start();
        try {
            assertThat(tool.waitFor(20, TimeUnit.SECONDS)).as("%s ended", command[0]).isTrue();
        } finally {
            tool.destroyForcibly();
        }
        assertThat(tool.exitValue()).as("%s: %s", command[0], Files.readString(messages)).isZero();
    }

    private static boolean isInstalled(String tool) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(entry -> Files.isExecutable(Path.of(entry, tool)));
    }
}
