package io.cloister.sandbox.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.ffm.Kernel;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ProcessIdsTest {

    @Test
    @Tag("kernel")
    void aPidfdTellsThePidOfAProcessThatLives() {
        long pid = ProcessHandle.current().pid();
        int pidfd = Kernel.pidfdOpen((int) pid);
        assertThat(ProcessIds.ofPidfd(pidfd)).hasValue(pid);
        Kernel.close(pidfd);
    }

    @Test
    @Tag("kernel")
    void aProcessThatIsGoneHasNoPid() throws Exception {
        Process process = new ProcessBuilder("/bin/sh", "-c", "read line").start();
        int pidfd = Kernel.pidfdOpen((int) process.pid());
        assertThat(ProcessIds.ofPidfd(pidfd)).hasValue(process.pid());
        process.getOutputStream().close();
        process.waitFor();
        assertThat(ProcessIds.ofPidfd(pidfd)).isEmpty();
        Kernel.close(pidfd);
    }

    @Test
    void whereThereIsNoPidfdThereIsNoPid() {
        assertThat(ProcessIds.ofPidfd(-1)).isEmpty();
    }
}
