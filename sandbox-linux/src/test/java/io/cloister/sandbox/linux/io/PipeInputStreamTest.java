package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.io.Pipe.LOOP;
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
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

@Tag("kernel")
@Timeout(60)
class PipeInputStreamTest {

    private static final long SEED = 20_260_107L;

    private final Pipe pipe = new Pipe();
    private final AtomicInteger exceeded = new AtomicInteger();

    private PipeInputStream stream(long limit) {
        return new PipeInputStream(
                LOOP, pipe.readEnd, new ByteBudget(limit, exceeded::incrementAndGet));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatTheProgramWritesIsReadUntilItClosesItsEnd(boolean virtual) throws Exception {
        PipeInputStream stream = stream(Long.MAX_VALUE);
        Task<byte[]> reader = waiting(virtual, stream::readAllBytes);
        pipe.write("one ");
        Thread.sleep(30);
        pipe.write("two");
        assertThat(reader.future().isDone()).isFalse();
        Kernel.close(pipe.writeEnd);
        assertThat(text(reader.result())).isEqualTo("one two");
        assertThat(stream.read()).isEqualTo(-1);
        assertThat(isOpen(pipe.readEnd)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void muchIsReadAsItWasWritten(boolean virtual) throws Exception {
        byte[] much = new byte[3_000_000];
        new Random(SEED).nextBytes(much);
        PipeInputStream stream = stream(Long.MAX_VALUE);
        PipeOutputStream writer = new PipeOutputStream(LOOP, pipe.writeEnd);
        Task<Boolean> writing =
                start(
                        virtual,
                        () -> {
                            writer.write(much);
                            writer.close();
                            return true;
                        });
        Task<byte[]> reading = start(virtual, stream::readAllBytes);
        assertThat(writing.result()).isTrue();
        assertThat(reading.result()).isEqualTo(much);
    }

    @Test
    void oneByteIsReadWithoutASign() throws Exception {
        PipeInputStream stream = stream(Long.MAX_VALUE);
        Kernel.write(pipe.writeEnd, new byte[] {(byte) 0xff, 0}, 0, 2);
        assertThat(stream.read()).isEqualTo(255);
        assertThat(stream.read()).isZero();
        stream.close();
    }

    @Test
    void aReadOfNothingDoesNotWait() throws Exception {
        PipeInputStream stream = stream(Long.MAX_VALUE);
        assertThat(stream.read(new byte[5], 2, 0)).isZero();
        assertThatThrownBy(() -> stream.read(new byte[5], 3, 3))
                .isInstanceOf(IndexOutOfBoundsException.class);
        stream.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closeWakesTheThreadThatWaits(boolean virtual) throws Exception {
        PipeInputStream stream = stream(Long.MAX_VALUE);
        Task<Integer> reader = waiting(virtual, stream::read);
        stream.close();
        assertThatThrownBy(reader::result)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessage("stream closed");
        assertThat(isOpen(pipe.readEnd)).isFalse();
        assertThatThrownBy(stream::read).isInstanceOf(IOException.class);
        stream.close();
    }

    @Test
    void closeTellsTheProgramThatNobodyReads() throws Exception {
        PipeInputStream stream = stream(Long.MAX_VALUE);
        assertThat(pipe.write("x")).isEqualTo(1);
        stream.close();
        assertThat(pipe.write("x")).isEqualTo(-32);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInterruptEndsTheWaitAndTheStreamGoesOn(boolean virtual) throws Exception {
        PipeInputStream stream = stream(Long.MAX_VALUE);
        Task<String> reader =
                waiting(
                        virtual,
                        () -> {
                            try {
                                return "read " + stream.read();
                            } catch (InterruptedIOException e) {
                                return "interrupted " + Thread.currentThread().isInterrupted();
                            }
                        });
        reader.thread().interrupt();
        assertThat(reader.result()).isEqualTo("interrupted true");
        pipe.write("x");
        assertThat(start(virtual, stream::read).result()).isEqualTo('x');
        stream.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndOfTheProgramEndsTheWaitEvenIfAnotherHoldsTheWriteEnd(boolean virtual)
            throws Exception {
        int other = pipe.anotherWriter();
        PipeInputStream stream = stream(Long.MAX_VALUE);
        Task<byte[]> reader = waiting(virtual, stream::readAllBytes);
        pipe.write("last words");
        Kernel.close(pipe.writeEnd);
        stream.programEnded();
        assertThat(text(reader.result())).isEqualTo("last words");
        assertThat(isOpen(pipe.readEnd)).isFalse();
        assertThat(Kernel.write(other, new byte[] {'x'}, 0, 1)).isEqualTo(-32);
        Kernel.close(other);
    }

    @Test
    void whatTheProgramLeftIsKeptAndTheDescriptorIsClosed() throws Exception {
        PipeInputStream stream = stream(Long.MAX_VALUE);
        int size = pipe.fill();
        int other = pipe.anotherWriter();
        Kernel.close(pipe.writeEnd);
        stream.programEnded();
        assertThat(isOpen(pipe.readEnd)).isFalse();
        assertThat(stream.readAllBytes()).hasSize(size);
        assertThat(stream.read()).isEqualTo(-1);
        Kernel.close(other);
    }

    @Test
    void anotherThatGoesOnWritingDoesNotHoldUpTheEnd() throws Exception {
        PipeInputStream stream = stream(Long.MAX_VALUE);
        PipeOutputStream other = new PipeOutputStream(LOOP, pipe.writeEnd);
        Task<Boolean> flood =
                start(
                        false,
                        () -> {
                            byte[] page = new byte[65536];
                            while (other.tryWrite(page, page.length)) {}
                            return true;
                        });
        assertThat(stream.read()).isZero();
        stream.programEnded();
        Task<byte[]> rest = start(false, stream::readAllBytes);
        assertThat(rest.result().length).isLessThan(8 << 20);
        assertThat(flood.result()).isTrue();
        other.close();
    }

    @Test
    void theEndOfTheProgramIsToldAsOftenAsOneLikes() throws Exception {
        PipeInputStream stream = stream(Long.MAX_VALUE);
        pipe.write("x");
        stream.programEnded();
        stream.programEnded();
        assertThat(stream.read()).isEqualTo('x');
        stream.programEnded();
        assertThat(stream.read()).isEqualTo(-1);
        stream.close();
        assertThatThrownBy(stream::read).isInstanceOf(IOException.class);
    }

    @Test
    void aStreamThatWasClosedIsNotReadWhenTheProgramEnds() throws Exception {
        PipeInputStream stream = stream(1);
        pipe.write("xyz");
        stream.close();
        stream.programEnded();
        assertThat(exceeded).hasValue(0);
        assertThatThrownBy(stream::read).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void beyondItsBudgetTheStreamEnds(boolean virtual) throws Exception {
        PipeInputStream stream = stream(5);
        pipe.write("1234567");
        assertThat(text(start(virtual, () -> stream.readNBytes(5)).result())).isEqualTo("12345");
        assertThat(exceeded).hasValue(0);
        assertThat(start(virtual, stream::read).result()).isEqualTo(-1);
        assertThat(exceeded).hasValue(1);
        assertThat(isOpen(pipe.readEnd)).isFalse();
    }

    @Test
    void theBudgetHoldsForWhatIsKeptAtTheEndToo() throws Exception {
        PipeInputStream stream = stream(5);
        pipe.write("1234567");
        stream.programEnded();
        assertThat(text(stream.readAllBytes())).isEqualTo("12345");
        assertThat(exceeded).hasValue(1);
    }

    @Test
    void manyReadersOfManyPipesAreServedByVirtualThreads() throws Exception {
        int count = 200;
        Pipe[] pipes = new Pipe[count];
        @SuppressWarnings({"unchecked", "rawtypes"})
        Task<byte[]>[] readers = new Task[count];
        for (int i = 0; i < count; i++) {
            Pipe each = new Pipe();
            pipes[i] = each;
            PipeInputStream stream =
                    new PipeInputStream(LOOP, each.readEnd, new ByteBudget(100, () -> {}));
            readers[i] = start(true, stream::readAllBytes);
        }
        for (int i = count - 1; i >= 0; i--) {
            pipes[i].write("n" + i);
            Kernel.close(pipes[i].writeEnd);
        }
        for (int i = 0; i < count; i++) {
            assertThat(text(readers[i].result())).isEqualTo("n" + i);
        }
    }

    @Test
    void theEndOfTheProgramRacesWithReadersAndNothingIsLost() throws Exception {
        for (int i = 0; i < 300; i++) {
            Pipe each = new Pipe();
            int other = each.anotherWriter();
            PipeInputStream stream =
                    new PipeInputStream(LOOP, each.readEnd, new ByteBudget(100, () -> {}));
            Task<byte[]> reader = start(i % 2 == 0, stream::readAllBytes);
            each.write("words");
            Kernel.close(each.writeEnd);
            stream.programEnded();
            assertThat(text(reader.result())).isEqualTo("words");
            Kernel.close(other);
            assertThat(isOpen(each.readEnd)).isFalse();
        }
    }
}
