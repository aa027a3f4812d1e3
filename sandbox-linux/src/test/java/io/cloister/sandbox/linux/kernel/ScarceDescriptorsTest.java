package io.cloister.sandbox.linux.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.linux.cgroup.CgroupException;
import io.cloister.sandbox.linux.cgroup.CgroupHost;
import io.cloister.sandbox.linux.cgroup.CgroupRoot;
import io.cloister.sandbox.linux.cgroup.CgroupSlot;
import io.cloister.sandbox.linux.cgroup.RunGroup;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A JVM that runs out of descriptors says so, at whatever point of a launch, and goes on.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ScarceDescriptorsTest {

    @Test
    void runningOutOfDescriptorsFailsTheLaunchAndNoLaterOne() {
        List<String> words =
                new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -n 300; exec \"$@\"", "sh"));
        words.addAll(Host.java(Exhausted.class, Victims.path().toString()));
        assertThat(Host.output(words)).endsWith("all as it should be\n");
    }

    @Test
    void runningOutOfDescriptorsFailsTheOpeningOfASessionAndNothingIsLeft() {
        List<String> words =
                new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -n 300; exec \"$@\"", "sh"));
        words.addAll(Host.java(ManySessions.class));
        assertThat(Host.output(words)).endsWith("all as it should be\n");
    }

    @Test
    void aWatchForWhichThereIsNoDescriptorIsNotTakenForNone() {
        assumeTrue(CgroupHost.detect().hasVersion2(), "no control groups of version 2");
        List<String> words =
                new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -n 300; exec \"$@\"", "sh"));
        words.addAll(Host.java(Events.class));
        assertThat(Host.output(words)).endsWith("all as it should be\n");
    }

    /// A program of its own JVM: asks for what is watched of a group, without a descriptor.
    static final class Events {
        private Events() {}

        public static void main(String[] args) throws Exception {
            Exhausted.loadAllClasses();
            try (CgroupRoot root = CgroupRoot.of(CgroupHost.detect());
                    CgroupSlot slot = root.shared()) {
                // The first one loads all classes.
                watch(slot);
                watch(slot);
            }
            System.out.println("all as it should be");
        }

        private static void watch(CgroupSlot slot) throws IOException {
            try (RunGroup run = slot.begin(CgroupLimits.NONE, 1)) {
                Deque<FileInputStream> held = Exhausted.filled();
                String refused = "nothing";
                try {
                    run.memoryEvents();
                } catch (CgroupException e) {
                    refused = e.getMessage();
                }
                for (FileInputStream stream : held) {
                    stream.close();
                }
                System.out.println(refused);
                if (!refused.contains("memory.events") || !refused.contains("EMFILE")) {
                    throw new AssertionError(refused);
                }
                if (run.memoryEvents().isEmpty()) {
                    throw new AssertionError("nothing is watched");
                }
            }
        }
    }

    /// A program of its own JVM: opens sessions until there is no room, and with 0, 1, 2 ... free
    /// descriptors.
    static final class ManySessions {
        /// Host users that are kept for the next run have some descriptors too.
        private static final int IDLE_SLOTS = 240;

        private ManySessions() {}

        public static void main(String[] args) throws Exception {
            Exhausted.loadAllClasses();
            try (Sandbox sandbox = Sandbox.builder().build()) {
                List<SandboxSession> sessions = new ArrayList<>();
                attempt(sandbox, sessions);
                sessions.removeLast().close();
                int first = fill(sandbox, sessions);
                long processes = Host.descendants();
                Exhausted.awaitDescriptors(IDLE_SLOTS);
                for (int free = 0; free < 40; free += 2) {
                    Deque<FileInputStream> held = Exhausted.filled();
                    for (int i = 0; i < free && !held.isEmpty(); i++) {
                        held.pop().close();
                    }
                    attempt(sandbox, sessions);
                    for (FileInputStream stream : held) {
                        stream.close();
                    }
                    sessions.forEach(SandboxSession::close);
                    sessions.clear();
                }
                Exhausted.awaitDescriptors(IDLE_SLOTS);
                int second = fill(sandbox, sessions);
                System.out.println(first + " sessions, then " + second);
                if (first < 8 || second < first - 2) {
                    throw new AssertionError("something was left: " + Host.descriptors());
                }
                Host.awaitDescendants(processes + 8);
            }
            System.out.println("all as it should be");
        }

        /// Opens as many as there is room for, uses and closes them.
        private static int fill(Sandbox sandbox, List<SandboxSession> sessions) throws Exception {
            while (attempt(sandbox, sessions)) {
                // One more.
            }
            int count = sessions.size();
            // Room for a command, and for the process that stands by afterwards in each.
            for (int i = 0; i < count / 2; i++) {
                sessions.removeLast().close();
            }
            for (SandboxSession session : sessions) {
                Outcome outcome = session.run("/bin/sh", "-c", "exit 3").outcome();
                if (!outcome.equals(new Outcome.Exited(3))) {
                    throw new AssertionError(outcome);
                }
            }
            sessions.forEach(SandboxSession::close);
            sessions.clear();
            return count;
        }

        private static boolean attempt(Sandbox sandbox, List<SandboxSession> sessions) {
            try {
                sessions.add(sandbox.open());
                return true;
            } catch (SandboxException e) {
                System.out.println(sessions.size() + " open: " + e.getMessage());
                if (!e.getMessage().contains("EMFILE")
                        || !e.getMessage().contains("all 300 descriptors")
                        || !e.getMessage().contains("ulimit -n")) {
                    throw new AssertionError(e);
                }
                return false;
            }
        }
    }

    /// A program of its own JVM: launches with 0, 1, 2 ... free descriptors.
    static final class Exhausted {
        private Exhausted() {}

        public static void main(String[] args) throws Exception {
            Path victim = Path.of(args[0]);
            loadAllClasses();
            exhaust(victim, SyscallPolicy.standard());
            // One more descriptor comes, that of the filter's listener.
            exhaust(victim, SyscallPolicy.standard().kill(Syscall.VHANGUP));
            System.out.println("all as it should be");
        }

        private static void exhaust(Path victim, SyscallPolicy policy) throws Exception {
            try (Sandbox sandbox =
                    Sandbox.builder()
                            .syscalls(policy)
                            .readOnly(victim, "/victim")
                            .wallTimeLimit(Duration.ofMillis(700))
                            .build()) {
                attempt(sandbox, 0, new ArrayDeque<>());
                for (int i = 0; i < 4; i++) {
                    check(sandbox);
                }
                int before = Host.descriptors().size();
                for (int free = 0; free < 24; free++) {
                    attempt(sandbox, free, filled());
                    check(sandbox);
                }
                int after = Host.descriptors().size();
                if (after > before + 24) {
                    throw new AssertionError("descriptors: " + before + ", then " + after);
                }
            }
        }

        /// A class that is loaded from a directory needs a descriptor; that is not what is tested.
        private static void loadAllClasses() throws Exception {
            for (String entry : System.getProperty("java.class.path").split(":")) {
                Path root = Path.of(entry);
                if (!Files.isDirectory(root)) {
                    continue;
                }
                try (Stream<Path> files = Files.walk(root)) {
                    for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                        String name = root.relativize(file).toString();
                        name = name.substring(0, name.length() - 6).replace('/', '.');
                        if (!name.endsWith("-info") && !name.contains("Test") && !isHere(name)) {
                            Class.forName(name);
                        }
                    }
                }
            }
        }

        private static boolean isHere(String name) {
            return name.startsWith(ScarceDescriptorsTest.class.getPackageName());
        }

        private static void check(Sandbox sandbox) throws InterruptedException {
            Outcome outcome = sandbox.run("/victim", "exit", "3").outcome();
            if (!outcome.equals(new Outcome.Exited(3))) {
                throw new AssertionError(outcome);
            }
        }

        /// Either the launch fails for want of a descriptor, or the command runs to its wall time.
        private static void attempt(Sandbox sandbox, int free, Deque<FileInputStream> held)
                throws InterruptedException, IOException {
            String result;
            try {
                for (int i = 0; i < free && !held.isEmpty(); i++) {
                    held.pop().close();
                }
                Outcome outcome = sandbox.run(Command.of("/victim", "sleep", "scarce")).outcome();
                result = outcome.toString();
                if (!outcome.equals(new Outcome.LimitReached(Limit.WALL_TIME))) {
                    throw new AssertionError(outcome);
                }
            } catch (SandboxException e) {
                result = e.getMessage();
            } finally {
                for (FileInputStream stream : held) {
                    stream.close();
                }
            }
            System.out.println(free + " free: " + result);
            if (!result.contains("EMFILE") && !result.contains("WALL_TIME")) {
                throw new AssertionError(result);
            }
        }

        /// Waits until there are at most so many.
        private static void awaitDescriptors(int most) {
            Host.await("few descriptors", () -> Host.descriptors().size() <= most);
        }

        private static Deque<FileInputStream> filled() {
            Deque<FileInputStream> held = new ArrayDeque<>();
            while (true) {
                try {
                    held.push(new FileInputStream("/dev/null"));
                } catch (IOException e) {
                    return held;
                }
            }
        }
    }
}
