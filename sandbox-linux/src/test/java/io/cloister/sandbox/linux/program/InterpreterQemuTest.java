package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Interpreter.ADD;
import static io.cloister.sandbox.linux.program.Interpreter.JEQ;
import static io.cloister.sandbox.linux.program.Interpreter.JLT;
import static io.cloister.sandbox.linux.program.Interpreter.PROGRAM_START;
import static io.cloister.sandbox.linux.program.Interpreter.RECORD;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.cloister.sandbox.linux.program.TestProgram.Operation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Runs images: natively those of the host's CPU, under qemu's user mode the others.
class InterpreterQemuTest {

    private static final long EBADF = 9;
    private static final long ENOSYS = 38;

    @TempDir Path directory;

    @ParameterizedTest
    @EnumSource
    void aProgramOfAllKindsCountsWritesAndExits(CpuArchitecture architecture) throws Exception {
        TestProgram program = new TestProgram(architecture);
        int counter = program.variable(0);
        int length = program.variable(6);
        int written = program.variable(0);
        int text = program.text("hello\n");

        int loop = program.add(ADD, counter, 1).loads(0).storesAt(counter).address();
        program.add(JLT, counter, 5).loads(0).jumpsTo(loop);
        Operation counted = program.add(JEQ, counter, 5).loads(0);
        program.exit(1);
        counted.jumpsTo(program.here());
        program.call(program.calls.write(), 1, text, length).loads(2).storesAt(written);
        Operation complete = program.add(JEQ, written, length).loads(0, 1);
        program.exit(2);
        complete.jumpsTo(program.here());
        program.call(program.calls.exitGroup(), counter).loads(0);

        Run run = run(program);
        assertThat(new String(run.output(), US_ASCII)).isEqualTo("hello\n");
        assertThat(run.exitCode()).isEqualTo(5);
    }

    @ParameterizedTest
    @EnumSource
    void aFailingCallWithAJumpIsRecordedAndStoresNothing(CpuArchitecture architecture)
            throws Exception {
        TestProgram program = new TestProgram(architecture);
        int result = program.variable(77);

        Operation close = program.call(program.calls.close(), -1).storesAt(result);
        program.exit(1);
        close.jumpsTo(program.here());
        program.write(RECORD, 16);
        program.write(result, 8);
        program.exit(0);

        assertThat(run(program).longs()).containsExactly(close.address(), -EBADF, 77);
    }

    @ParameterizedTest
    @EnumSource
    void aFailingCallWithoutAJumpStoresTheNegativeErrno(CpuArchitecture architecture)
            throws Exception {
        TestProgram program = new TestProgram(architecture);
        int result = program.variable(77);

        program.call(program.calls.close(), -1).storesAt(result);
        program.write(RECORD, 16);
        program.write(result, 8);
        program.exit(0);

        assertThat(run(program).longs()).containsExactly(0, 0, -EBADF);
    }

    @ParameterizedTest
    @EnumSource
    void aSuccessfulCallWithAJumpGoesOnBehindIt(CpuArchitecture architecture) throws Exception {
        TestProgram program = new TestProgram(architecture);
        int result = program.variable(77);

        Operation close = program.call(program.calls.close(), 2).storesAt(result);
        program.write(RECORD, 16);
        program.write(result, 8);
        program.exit(0);
        close.jumpsTo(program.here());
        program.exit(1);

        Run run = run(program);
        assertThat(run.longs()).containsExactly(0, 0, 0);
        assertThat(run.exitCode()).isZero();
    }

    /// A seek in `/proc/self/mem` accepts and returns any offset, also those that look like an
    /// error.
    @ParameterizedTest
    @CsvSource({
        "X86_64, -4095, true", "X86_64, -4096, false", "X86_64, -1, true",
        "AARCH64, -4095, true", "AARCH64, -4096, false", "AARCH64, -1, true"
    })
    void onlyMinus4095ToMinus1AreErrors(CpuArchitecture architecture, long value, boolean error)
            throws Exception {
        TestProgram program = new TestProgram(architecture);
        int file = program.variable(0);
        int result = program.variable(77);
        int path = program.text("/proc/self/mem\0");

        program.call(program.calls.openat(), -100, path, 0).storesAt(file);
        Operation seek = program.call(program.calls.lseek(), file, value, 0).loads(0);
        seek.storesAt(result).jumpsTo(seek.address() + Interpreter.OPERATION_SIZE);
        program.write(RECORD, 16);
        program.write(result, 8);
        program.exit(0);

        long address = seek.address();
        assertThat(run(program).longs())
                .isEqualTo(error ? new long[] {address, value, 77} : new long[] {0, 0, value});
    }

    @ParameterizedTest
    @EnumSource
    void jltComparesSigned64BitNumbers(CpuArchitecture architecture) throws Exception {
        TestProgram program = new TestProgram(architecture);
        program.writeWhetherJumped(JLT, -1, 0);
        program.writeWhetherJumped(JLT, 0, -1);
        program.writeWhetherJumped(JLT, 5, 5);
        program.writeWhetherJumped(JLT, Long.MIN_VALUE, Long.MAX_VALUE);
        program.writeWhetherJumped(JLT, Long.MAX_VALUE, Long.MIN_VALUE);
        program.writeWhetherJumped(JLT, 1, 1L << 32);
        program.exit(0);

        assertThat(new String(run(program).output(), US_ASCII)).isEqualTo("100101");
    }

    @ParameterizedTest
    @EnumSource
    void jeqComparesAll64Bits(CpuArchitecture architecture) throws Exception {
        TestProgram program = new TestProgram(architecture);
        program.writeWhetherJumped(JEQ, 0, 0);
        program.writeWhetherJumped(JEQ, 0, 1L << 32);
        program.writeWhetherJumped(JEQ, -1, -1);
        program.writeWhetherJumped(JEQ, -1, 0xffffffffL);
        program.exit(0);

        assertThat(new String(run(program).output(), US_ASCII)).isEqualTo("1010");
    }

    @ParameterizedTest
    @EnumSource
    void addWrapsAroundAndItsNegativeResultIsNoError(CpuArchitecture architecture)
            throws Exception {
        TestProgram program = new TestProgram(architecture);
        int wrapped = program.variable(0);
        int negative = program.variable(0);
        int two = program.variable(2);

        program.add(ADD, Long.MAX_VALUE, 1).storesAt(wrapped);
        program.add(ADD, -11, two).loads(1).storesAt(negative);
        program.write(wrapped, 8);
        program.write(negative, 8);
        program.write(RECORD, 16);
        program.exit(0);

        assertThat(run(program).longs()).containsExactly(Long.MIN_VALUE, -9, 0, 0);
    }

    @ParameterizedTest
    @CsvSource({"X86_64, false", "X86_64, true", "AARCH64, false", "AARCH64, true"})
    void aCallGetsAllSixArguments(CpuArchitecture architecture, boolean loaded) throws Exception {
        long place = 0x20000000;
        long protRead = 1;
        long mapPrivateFixed = 0x02 | 0x10;
        long offset = architecture.largestPageSize(); // where the data stands in the image
        long[] arguments = {place, 0x10000, protRead, mapPrivateFixed, 0, offset};

        TestProgram program = new TestProgram(architecture);
        int result = program.variable(0);
        Operation mmap = program.call(program.calls.mmap()).storesAt(result);
        for (int i = 0; i < arguments.length; i++) {
            mmap.argument(i, loaded ? program.variable(arguments[i]) : arguments[i]);
        }
        if (loaded) {
            mmap.loads(0, 1, 2, 3, 4, 5);
        }
        program.write(result, 8);
        program.write(place + PROGRAM_START - Interpreter.DATA, 64);
        program.exit(0);

        LongBuffer output = run(program).buffer().asLongBuffer();
        assertThat(output.get()).isEqualTo(place);
        assertThat(output).isEqualTo(LongBuffer.wrap(program.longsAt(PROGRAM_START, 8)));
    }

    @ParameterizedTest
    @EnumSource
    void memoryBehindTheDataIsZeroAndWritableToItsEnd(CpuArchitecture architecture)
            throws Exception {
        TestProgram program = new TestProgram(architecture);
        int last = Interpreter.DATA + TestProgram.MEMORY_SIZE - 8;
        program.add(ADD, 40, 2).storesAt(last);
        program.write(last - 8, 16);
        program.exit(0);

        assertThat(run(program).longs()).containsExactly(0, 42);
    }

    /// The child runs in the parent's memory and with the parent's stack pointer; the parent sleeps
    /// until the child has exited. qemu makes a plain fork of it, so this runs natively alone.
    @Test
    void parentAndChildBothGoOnAfterClone() throws Exception {
        TestProgram program = new TestProgram(nativeArchitecture());
        long cloneVmVforkSigchld = 0x100 | 0x4000 | 17;
        Operation clone = program.call(program.calls.cloneCall(), cloneVmVforkSigchld);
        assertParentAndChildGoOn(program, clone);
    }

    @Test
    void parentAndChildBothGoOnAfterClone3() throws Exception {
        TestProgram program = new TestProgram(nativeArchitecture());
        int arguments = program.variable(0x100 | 0x4000); // CLONE_VM | CLONE_VFORK
        for (int i = 1; i < 8; i++) {
            program.variable(i == 4 ? 17 : 0); // exit_signal
        }
        Operation clone = program.call(435, arguments, 64);
        assertParentAndChildGoOn(program, clone);
    }

    private void assertParentAndChildGoOn(TestProgram program, Operation clone) throws Exception {
        int pid = program.variable(-1);
        int status = program.variable(-1);
        int waited = program.variable(-1);
        int mark = program.variable(0);

        clone.storesAt(pid);
        Operation isChild = program.add(JEQ, pid, 0).loads(0);
        program.call(program.calls.wait4(), -1, status, 0, 0).storesAt(waited);
        program.write(pid, 8);
        program.write(status, 4);
        program.write(waited, 8);
        program.write(mark, 8);
        program.exit(0);
        isChild.jumpsTo(program.here());
        program.add(ADD, 40, 2).storesAt(mark);
        program.exit(3);

        ByteBuffer output = run(program).buffer();
        long child = output.getLong();
        assumeTrue(child != -ENOSYS, "needs clone3, which this kernel or a filter of it lacks");
        assertThat(child).as("pid").isPositive();
        assertThat(output.getInt()).as("wait status").isEqualTo(3 << 8);
        assertThat(output.getLong()).as("pid from wait4").isEqualTo(child);
        assertThat(output.getLong()).as("what the child stored").isEqualTo(42);
        assertThat(output.remaining()).isZero();
    }

    @Test
    void aWaitingProgramHoldsAtMost64KibibytesOfMemory() throws Exception {
        assumeTrue(nativeArchitecture() == CpuArchitecture.X86_64, "needs pages of 4 KiB");
        TestProgram program = new TestProgram(CpuArchitecture.X86_64);
        int ready = program.text("ready\n");
        program.call(program.calls.write(), 1, ready, 6);
        program.call(program.calls.read(), 0, RECORD, 1);
        program.exit(0);

        Process process = new ProcessBuilder(image(program).toString()).start();
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("ready");
            Path rollup = Path.of("/proc", Long.toString(process.pid()), "smaps_rollup");
            assumeTrue(
                    Files.isReadable(rollup), "needs /proc/<pid>/smaps_rollup, since Linux 4.14");
            assertThat(rssKibibytes(rollup)).isBetween(8, 64);
        } finally {
            process.destroyForcibly();
        }
    }

    private static int rssKibibytes(Path rollup) throws IOException {
        return Files.readAllLines(rollup).stream()
                .filter(line -> line.startsWith("Rss:"))
                .mapToInt(line -> Integer.parseInt(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    private Run run(TestProgram program) throws IOException, InterruptedException {
        Path image = image(program);
        Path output = directory.resolve("output");
        List<String> command = new ArrayList<>(emulator(program.architecture));
        command.add(image.toString());
        Process process =
                new ProcessBuilder(command)
                        .redirectInput(image.toFile())
                        .redirectOutput(output.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("the program ended").isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Run(process.exitValue(), Files.readAllBytes(output));
    }

    private Path image(TestProgram program) throws IOException {
        Path image = directory.resolve("image");
        Files.write(image, program.image());
        return Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rwx------"));
    }

    private static CpuArchitecture nativeArchitecture() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "needs Linux");
        String name = System.getProperty("os.arch");
        assumeTrue(name.equals("amd64") || name.equals("aarch64"), "needs x86-64 or aarch64");
        return name.equals("amd64") ? CpuArchitecture.X86_64 : CpuArchitecture.AARCH64;
    }

    private static List<String> emulator(CpuArchitecture architecture) {
        if (architecture == nativeArchitecture()) {
            return List.of();
        }
        String emulator =
                switch (architecture) {
                    case X86_64 -> "qemu-x86_64";
                    case AARCH64 -> "qemu-aarch64";
                };
        assumeTrue(
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(entry -> Files.isExecutable(Path.of(entry, emulator))),
                () -> "needs " + emulator + " (Debian package qemu-user)");
        return List.of(emulator);
    }

    private record Run(int exitCode, byte[] output) {
        ByteBuffer buffer() {
            return ByteBuffer.wrap(output).order(ByteOrder.LITTLE_ENDIAN);
        }

        long[] longs() {
            LongBuffer buffer = buffer().asLongBuffer();
            long[] longs = new long[buffer.remaining()];
            buffer.get(longs);
            return longs;
        }
    }
}
