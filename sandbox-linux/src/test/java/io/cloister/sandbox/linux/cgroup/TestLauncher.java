package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.limit.Metric;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// A shell that stands for a launcher: it sits where a launcher would, and starts scripts in the
/// groups of a run. With a root and a slot of its own.
final class TestLauncher implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    final CgroupRoot root;
    final CgroupSlot slot;
    private final Process shell;

    private TestLauncher(CgroupHost host, Set<Controller> controllers) {
        root = CgroupRoot.of(host);
        try {
            slot = host.uid() == 0 ? root.slot(0, 0, controllers) : root.shared();
            shell = new ProcessBuilder("sh").redirectErrorStream(true).start();
            slot.join((int) shell.pid());
        } catch (IOException e) {
            root.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            root.close();
            throw e;
        }
    }

    /// Aborts the test where the controllers can't be used.
    static TestLauncher with(Controller... controllers) {
        CgroupHost host = CgroupHost.detect();
        Set<Controller> wanted = EnumSet.of(Controller.FREEZER, Controller.CPUACCT);
        wanted.addAll(Set.of(controllers));
        for (Controller controller : wanted) {
            host.missing(controller)
                    .ifPresent(missing ->
                            Assumptions.abort(
                                    "no control group %s: %s; %s"
                                            .formatted(
                                                    controller.label(),
                                                    missing.why(),
                                                    missing.remedy())));
        }
        return new TestLauncher(host, wanted);
    }

    boolean isVersion2() {
        return root.host().hasVersion2();
    }

    RunGroup begin(CgroupLimits limits) {
        return slot.begin(limits, 1);
    }

    /// Starts a script in the run. Its parent is the host's init, since this shell waits for
    /// nobody, and a process that was not waited for still counts.
    void start(RunGroup run, String script) {
        StringBuilder line = new StringBuilder("(setsid sh -c '");
        if (run.directory().isPresent()) {
            line.append("echo $$ > ").append(leaf(run)).append("/cgroup.procs; ");
        }
        line.append(script).append("' < /dev/null > /dev/null 2>&1 &)\n");
        try {
            shell.getOutputStream().write(line.toString().getBytes(StandardCharsets.UTF_8));
            shell.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Starts a script, and waits until it has ended.
    void run(RunGroup run, String script) {
        Path mark = temporaryFile();
        start(run, "(" + script + "); rm " + mark);
        await("the end of " + script, () -> !Files.exists(mark));
    }

    private static Path temporaryFile() {
        try {
            return Files.createTempFile("cloister-test", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The directory of the run's leaf of version 2.
    static Path leaf(RunGroup run) {
        return link("/proc/self/fd/" + run.directory().orElseThrow());
    }

    static Path link(String path) {
        try {
            return Files.readSymbolicLink(Path.of(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static long value(RunGroup run, Metric metric) {
        return run.read().get(metric).orElseThrow();
    }

    static void await(String what, BooleanSupplier condition) {
        for (int i = 0; i < PATIENCE_MILLIS / 10; i++) {
            if (condition.getAsBoolean()) {
                return;
            }
            pause(10);
        }
        throw new AssertionError("waited for half a minute, but still not: " + what);
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        slot.close();
        shell.destroyForcibly();
        root.close();
    }
}
