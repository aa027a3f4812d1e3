package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.io.Pipe.LOOP;
import static io.cloister.sandbox.linux.io.Pipe.isOpen;
import static io.cloister.sandbox.linux.io.Pipe.start;
import static io.cloister.sandbox.linux.io.Pipe.waiting;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.Pipe.Task;
import io.cloister.sandbox.linux.program.Linux;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;

@Tag("kernel")
@Timeout(60)
class SharedInputTest {

    private final Pipe pipe = new Pipe();
    private final SharedInput input = new SharedInput(LOOP, pipe.readEnd);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReaderWaitsUntilSomethingIsThereAndThenTheEnd(boolean virtual) throws Exception {
        byte[] bytes = new byte[10];
        Task<Integer> reader = waiting(virtual, () -> input.read(bytes, 1, 9));
        assertThat(reader.future().isDone()).isFalse();
        pipe.write("abc");
        assertThat(reader.result()).isEqualTo(3);
        assertThat(bytes).startsWith(0, 'a', 'b', 'c', 0);
        Kernel.close(pipe.writeEnd);
        assertThat(start(virtual, () -> input.read(bytes, 0, 10)).result()).isEqualTo(-1);
        assertThat(isOpen(pipe.readEnd)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void releaseWakesAReaderWhichFindsTheEndAndTakesNothing(boolean virtual) throws Exception {
        Task<Integer> reader = waiting(virtual, () -> input.read(new byte[10], 0, 10));
        input.release();
        assertThat(reader.result()).isEqualTo(-1);
        pipe.write("for somebody else");
        assertThat(start(virtual, () -> input.read(new byte[10], 0, 10)).result()).isEqualTo(-1);
        assertThat(pipe.read()).contains("for somebody else");
        assertThat(isOpen(pipe.readEnd)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRegularFileIsReadToItsEnd(boolean virtual, @TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("f"), "text");
        int fd = Kernel.open(file.toString(), Linux.O_RDONLY | Linux.O_CLOEXEC, 0);
        SharedInput regular = new SharedInput(LOOP, fd);
        Task<String> reader =
                start(
                        virtual,
                        () -> {
                            byte[] bytes = new byte[3];
                            StringBuilder text = new StringBuilder();
                            for (int n = regular.read(bytes, 0, 3);
                                    n > 0;
                                    n = regular.read(bytes, 0, 3)) {
                                for (int i = 0; i < n; i++) {
                                    text.append((char) bytes[i]);
                                }
                            }
                            return text.toString();
                        });
        assertThat(reader.result()).isEqualTo("text");
        assertThat(isOpen(fd)).isTrue();
        Kernel.close(fd);
    }
}
