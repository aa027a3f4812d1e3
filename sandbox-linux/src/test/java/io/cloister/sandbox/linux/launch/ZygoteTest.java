package io.cloister.sandbox.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.linux.io.EventLoop;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;

/// What is told of a request that could not be sent.
@Tag("kernel")
@Timeout(60)
class ZygoteTest {

    /// No process may have so many.
    private static final int NOT_OPEN = 1 << 30;

    @Test
    void aDescriptorThatIsNotOpenIsNotTakenForItsEnd() throws InterruptedException {
        Zygote zygote = Zygote.start(new EventLoop());
        try {
            assertThatExceptionOfType(SandboxLaunchException.class)
                    .isThrownBy(() -> zygote.send(new byte[8], List.of(NOT_OPEN)))
                    .withMessageContaining("EBADF");
            assertThat(zygote.isAlive()).isTrue();
            assertThat(zygote.underWay()).isZero();
        } finally {
            zygote.end();
        }
        for (int i = 0; i < 1000 && zygote.isAlive(); i++) {
            Thread.sleep(10);
        }
        assertThat(zygote.send(new byte[8], List.of(NOT_OPEN))).isFalse();
    }
}
