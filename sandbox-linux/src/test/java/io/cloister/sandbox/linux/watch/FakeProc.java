package io.cloister.sandbox.linux.watch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A directory that looks like procfs, with the processes that a test puts there.
final class FakeProc {
    private final Path directory;
    private final boolean listsChildren;

    FakeProc(Path directory, boolean listsChildren) {
        this.directory = directory;
        this.listsChildren = listsChildren;
    }

    TreeWatch watch(int pid) {
        return new TreeWatch(new ProcessFiles(directory), pid);
    }

    /// Ticks are of 10 ms.
    FakeProc process(int pid, int parent, int startTicks, int ownTicks, int waitedTicks) {
        return process(pid, parent, startTicks, ownTicks, waitedTicks, 1);
    }

    FakeProc process(
            int pid, int parent, int startTicks, int ownTicks, int waitedTicks, int threads) {
        write(
                pid + "/stat",
                "%d (x) S %d 0 0 0 0 0 0 0 0 0 %d 0 %d 0 20 0 %d 0 %d 0 0\n"
                        .formatted(pid, parent, ownTicks, waitedTicks, threads, startTicks));
        write(pid + "/status", "RssAnon:\t100 kB\nRssShmem:\t20 kB\nVmSwap:\t3 kB\n");
        return children(pid, pid);
    }

    /// What one thread of a process lists as its children.
    FakeProc children(int pid, int thread, Integer... children) {
        String task = pid + "/task/" + thread;
        write(task + "/comm", "x\n");
        if (listsChildren) {
            List<String> words = Stream.of(children).map(child -> child + " ").toList();
            write(task + "/children", String.join("", words));
        }
        return this;
    }

    void write(String file, String text) {
        try {
            Path path = directory.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void makeUnreadable(int pid) throws IOException {
        Path stat = directory.resolve(pid + "/stat");
        Files.delete(stat);
        Files.createDirectory(stat);
    }

    FakeProc end(int pid) {
        try (Stream<Path> files = Files.walk(directory.resolve(String.valueOf(pid)))) {
            for (Path file : files.toList().reversed()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }
}
