package io.cloister.sandbox.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAnswer;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRequest;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// What a program says without end does not fill the memory of the JVM.
class RecorderTest {

    private final Recorder recorder = new Recorder(SyscallPolicy.standard());

    /// A call of this JVM's own thread.
    private record Request(Syscall call, long register, byte[] memory) implements SyscallRequest {

        static Request of(Syscall call, String text) {
            return new Request(call, 0, text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public long thread() {
            return ProcessHandle.current().pid();
        }

        @Override
        public long argument(int index) {
            return index == 2 && call == Syscall.CONNECT ? memory.length : register;
        }

        @Override
        public Optional<String> text(int index) {
            return Optional.of(new String(memory, StandardCharsets.UTF_8));
        }

        @Override
        public Optional<byte[]> bytes(int index, int length) {
            return Optional.of(Arrays.copyOf(memory, length));
        }
    }

    private void answer(Request request) {
        assertThat(recorder.answer(request)).isEqualTo(SyscallAnswer.allow());
    }

    @Test
    void asManyArgumentsAsAreListedAreWrittenDownAndOneForAllOthers() {
        for (int command = 0; command < 5000; command++) {
            answer(new Request(Syscall.IOCTL, 0x10000 + command, new byte[0]));
        }
        answer(new Request(Syscall.IOCTL, 0x10000, new byte[0]));
        assertThat(recorder.calls()).hasSizeBetween(Learned.MOST_VARIANTS + 1, 30);
        assertThat(recorder.calls().values().stream().mapToLong(count -> count.sum()).sum())
                .isEqualTo(5001);
    }

    @Test
    void noMorePathsThanTheMostAreWrittenDown() {
        for (int file = 0; file < Recorder.MOST_FILES + 500; file++) {
            answer(Request.of(Syscall.STAT, "/tmp/" + file));
        }
        assertThat(recorder.files()).hasSize(Recorder.MOST_FILES).containsKey("/tmp/0");
        // What is known may still be seen to be written.
        answer(Request.of(Syscall.UNLINK, "/tmp/0"));
        assertThat(recorder.files()).containsEntry("/tmp/0", FileAccess.WRITE);
    }

    @Test
    void noMoreAddressesThanTheMostAreWrittenDown() {
        for (int i = 0; i < Recorder.MOST_SOCKETS + 500; i++) {
            byte[] address = ("??/tmp/" + i + "\0").getBytes(StandardCharsets.US_ASCII);
            address[0] = 1;
            address[1] = 0;
            answer(new Request(Syscall.CONNECT, 3, address));
        }
        assertThat(recorder.sockets()).hasSize(Recorder.MOST_SOCKETS);
    }

    /// With the locale C file names of the JVM have ASCII characters alone.
    @Test
    void aPathOfAnyCharactersIsWrittenDown() {
        answer(Request.of(Syscall.STAT, "no UTF-8: \ufffd, and more: \u00e9\ud83d\ude00"));
        assertThat(recorder.files()).isNotEmpty();
    }
}
