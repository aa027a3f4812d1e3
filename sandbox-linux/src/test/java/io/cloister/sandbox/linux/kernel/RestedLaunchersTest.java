package io.cloister.sandbox.linux.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.FileInputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// More launchers than keep their descriptors between two runs.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RestedLaunchersTest {

    @Test
    void afterTheyHaveRestedTheyLaunchAgain() {
        Cgroups.assume("pids");
        // With so few descriptors two launchers keep theirs.
        List<String> words =
                new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -n 380; exec \"$@\"", "sh"));
        words.addAll(Host.java(Waves.class));
        assertThat(Host.output(words)).endsWith("all as it should be\n");
    }

    /// A program of its own JVM: as many runs at once, three times.
    static final class Waves {
        private static final int RUNS = 6;

        private Waves() {}

        public static void main(String[] args) throws Exception {
            Deque<FileInputStream> others = new ArrayDeque<>();
            try (Sandbox sandbox = Sandbox.builder().pidsLimit(10).build()) {
                for (int wave = 0; wave < 3; wave++) {
                    wave(sandbox);
                    // Time for their groups, and for their rest.
                    Thread.sleep(500);
                    // Other files take the numbers of those that were closed.
                    for (int i = 0; i < 4 * RUNS; i++) {
                        others.push(new FileInputStream("/dev/null"));
                    }
                }
            }
            for (FileInputStream other : others) {
                other.close();
            }
            System.out.println("all as it should be");
        }

        private static void wave(Sandbox sandbox) throws Exception {
            List<SandboxProcess> processes = new ArrayList<>();
            for (int i = 0; i < RUNS; i++) {
                processes.add(sandbox.start(Command.of("/bin/sh", "-c", "sleep 1; exit 3")));
            }
            for (SandboxProcess process : processes) {
                Outcome outcome = process.waitForResult().outcome();
                if (!outcome.equals(new Outcome.Exited(3))) {
                    throw new AssertionError(outcome);
                }
            }
        }
    }
}
