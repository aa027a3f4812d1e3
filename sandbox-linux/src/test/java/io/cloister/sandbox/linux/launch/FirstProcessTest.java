package io.cloister.sandbox.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

@Tag("kernel")
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FirstProcessTest {

    @Test
    void ofOneThatLivesItTellsEachPart() throws Exception {
        Process sleep = new ProcessBuilder("/bin/sleep", "60").start();
        try (FirstProcess first = new FirstProcess(sleep.pid(), false)) {
            FirstProcess.Seen seen = first.look();
            assertThat(seen.process())
                    .contains("Umask:", "NoNewPrivs:", "scheduling: ", "Max open files")
                    .doesNotContain("Name:", "VmPeak:");
            assertThat(seen.mounts()).contains(" / ");
            assertThat(seen.network()).contains("dev:", "snmp:", "Tcp:", "sockets: used");
            assertThat(first.look().mounts()).isEqualTo(seen.mounts());
        } finally {
            sleep.destroyForcibly().waitFor();
        }
    }

    @Test
    void ofOneThatIsGoneItSaysThatTheSessionHasEnded() throws Exception {
        Process gone = new ProcessBuilder("/bin/true").start();
        gone.waitFor();
        try (FirstProcess first = new FirstProcess(gone.pid(), false)) {
            assertThatIllegalStateException()
                    .isThrownBy(first::look)
                    .withMessage(
                            "the session has ended: its first process has no /proc/%d/stat any"
                                    + " more",
                            gone.pid());
        }
    }

    @Test
    void ofOneThatIsGoneBetweenTwoLooksItSaysSoToo() throws Exception {
        Process sleep = new ProcessBuilder("/bin/sleep", "60").start();
        try (FirstProcess first = new FirstProcess(sleep.pid(), false)) {
            first.look();
            sleep.destroyForcibly().waitFor();
            assertThatIllegalStateException()
                    .isThrownBy(first::look)
                    .withMessageContaining("the session has ended");
        }
    }

    @Test
    void ofOneThatNobodyHasWaitedForItSaysSoToo() throws Exception {
        Process parent =
                new ProcessBuilder("/bin/sh", "-c", "sleep 0.1 & echo $!; exec sleep 60").start();
        try (BufferedReader reader = parent.inputReader()) {
            long child = Long.parseLong(reader.readLine());
            awaitState(child, 'Z');
            try (FirstProcess first = new FirstProcess(child, false)) {
                assertThatIllegalStateException()
                        .isThrownBy(first::look)
                        .withMessageContaining("the session has ended")
                        .withMessageEndingWith("state Z");
            }
            assertThat(parent.isAlive()).isTrue();
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }

    private static void awaitState(long pid, char state) throws Exception {
        Path stat = Path.of("/proc/" + pid + "/stat");
        while (!Files.readString(stat).contains(") " + state)) {
            Thread.sleep(5);
        }
    }
}
