package io.cloister.sandbox.linux.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// A JVM is killed at a random moment, under load: its processes end, and what is left of it is
/// gone after the first launch of the next one. The property `io.cloister.sandbox.test.kills` sets
/// how often.
@Tag("kernel")
@Tag("load")
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OwnerDeathTest {

    private static final int KILLS = Integer.getInteger("io.cloister.sandbox.test.kills", 10);

    /// Longer than a JVM takes to its first launch, and than several runs of each of its threads.
    private static final int LONGEST_MILLIS = 800;

    /// A JVM that is dead, and the word that its runs have on their command lines.
    private record Killed(long pid, String token) {}

    @Test
    void nothingIsLeftOfAKilledJvm() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        long mounts = Host.mounts();
        List<Killed> killed = new ArrayList<>();
        for (int i = 0; i < KILLS; i++) {
            String token = Host.token();
            Process jvm =
                    new ProcessBuilder(Host.java(LimitedRuns.class, hog(), token))
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            try {
                // One in three is killed at its start.
                if (random.nextInt(3) > 0) {
                    assertThat(jvm.inputReader().readLine()).isEqualTo(String.valueOf(jvm.pid()));
                    assertNothingIsLeft(killed, "kill %d of seed %d".formatted(i, seed));
                    assertThat(Host.mounts()).isEqualTo(mounts);
                    killed.clear();
                }
                Thread.sleep(random.nextInt(LONGEST_MILLIS));
            } finally {
                jvm.destroyForcibly().waitFor();
            }
            killed.add(new Killed(jvm.pid(), token));
        }
        Host.output(Host.java(LimitedRuns.class, hog(), "once"));
        assertNothingIsLeft(killed, "the last kill of seed " + seed);
        assertThat(Host.mounts()).isEqualTo(mounts);
    }

    private static String hog() {
        return Hogs.path().toString();
    }

    private static void assertNothingIsLeft(List<Killed> killed, String when) {
        for (Killed jvm : killed) {
            Host.await(
                    "end of processes, " + when, () -> Host.processesWith(jvm.token()).isEmpty());
            assertThat(Cgroups.ofJvm(jvm.pid())).as(when).isEmpty();
        }
    }
}
