package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.io.Pipe.LOOP;
import static io.cloister.sandbox.linux.io.Pipe.comesTrue;
import static io.cloister.sandbox.linux.io.Pipe.isOpen;
import static io.cloister.sandbox.linux.io.Pipe.start;
import static io.cloister.sandbox.linux.io.Pipe.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.Pipe.Task;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

@Tag("kernel")
@Timeout(60)
class PipeOutputStreamTest {

    private final Pipe pipe = new Pipe();
    private final PipeOutputStream stream = new PipeOutputStream(LOOP, pipe.writeEnd);

    @Test
    void whatIsWrittenIsReadAndCloseIsTheEnd() throws Exception {
        stream.write("ab".getBytes(StandardCharsets.US_ASCII));
        stream.write('c');
        stream.write(new byte[] {'x', 'd', 'x'}, 1, 1);
        assertThat(pipe.read()).contains("abcd");
        assertThat(pipe.read()).isEmpty();
        stream.close();
        assertThat(pipe.read()).contains("");
        assertThat(isOpen(pipe.writeEnd)).isFalse();
        stream.close();
    }

    @Test
    void partsOutsideTheArrayAreRefused() {
        assertThatThrownBy(() -> stream.write(new byte[3], 2, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
        stream.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWriterWaitsForRoom(boolean virtual) throws Exception {
        int size = pipe.fill();
        Task<Boolean> writer = waiting(virtual, () -> stream.tryWrite(new byte[100], 100));
        assertThat(writer.future().isDone()).isFalse();
        int read = 0;
        while (read < size + 100) {
            read += pipe.read().orElse("").length();
        }
        assertThat(writer.result()).isTrue();
        stream.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closeWakesTheThreadThatWaitsAndTheProgramSeesTheEnd(boolean virtual) throws Exception {
        pipe.fill();
        Task<Boolean> writer =
                waiting(
                        virtual,
                        () -> {
                            stream.write(new byte[200_000]);
                            return true;
                        });
        stream.close();
        assertThatThrownBy(writer::result)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessage("stream closed");
        assertThat(comesTrue(() -> !isOpen(pipe.writeEnd))).isTrue();
        assertThat(comesTrue(() -> pipe.read().equals(Optional.of("")))).isTrue();
    }

    @Test
    void closeDoesNotWaitForTheThreadThatWrites() throws Exception {
        pipe.fill();
        Task<Boolean> writer = waiting(true, () -> stream.tryWrite(new byte[10], 10));
        Task<Boolean> closer =
                start(
                        false,
                        () -> {
                            stream.close();
                            return true;
                        });
        assertThat(closer.result()).isTrue();
        assertThat(writer.result()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProgramThatReadsNoMoreIsABrokenPipe(boolean virtual) throws Exception {
        pipe.fill();
        Task<Boolean> writer =
                waiting(
                        virtual,
                        () -> {
                            stream.write(1);
                            return true;
                        });
        Kernel.close(pipe.readEnd);
        assertThatThrownBy(writer::result)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessage("Broken pipe");
        assertThat(stream.tryWrite(new byte[1], 1)).isFalse();
        assertThat(isOpen(pipe.writeEnd)).isTrue();
        stream.close();
        assertThat(isOpen(pipe.writeEnd)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInterruptEndsTheWaitAndTheStreamGoesOn(boolean virtual) throws Exception {
        int size = pipe.fill();
        Task<String> writer =
                waiting(
                        virtual,
                        () -> {
                            try {
                                stream.write(1);
                                return "written";
                            } catch (InterruptedIOException e) {
                                return "interrupted " + Thread.currentThread().isInterrupted();
                            }
                        });
        writer.thread().interrupt();
        assertThat(writer.result()).isEqualTo("interrupted true");
        for (int read = 0; read < size; ) {
            read += pipe.read().orElse("").length();
        }
        stream.write('x');
        assertThat(pipe.read()).contains("x");
        stream.close();
    }

    @Test
    void aClosedStreamTakesNothing() throws Exception {
        stream.close();
        assertThat(stream.tryWrite(new byte[1], 1)).isFalse();
        assertThatThrownBy(() -> stream.write(1)).isInstanceOf(IOException.class);
    }

    @Test
    void nothingIsWrittenWhereNothingIsGiven() throws Exception {
        stream.write(new byte[0]);
        assertThat(pipe.read()).isEmpty();
        stream.close();
    }
}
