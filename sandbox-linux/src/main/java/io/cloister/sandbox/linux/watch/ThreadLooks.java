package io.cloister.sandbox.linux.watch;

import io.cloister.sandbox.linux.standstill.BlockedCall;
import io.cloister.sandbox.linux.standstill.ThreadLook;
import io.cloister.sandbox.linux.standstill.Wait;
import io.cloister.sandbox.syscall.SyscallAbi;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Looks at all threads below a process: whether they sleep, and what they wait for.
///
/// The order of the reads matters. The number of switches comes first, and what the thread waits
/// for behind it: if the next look finds the same number, the thread slept while the rest was read.
public final class ThreadLooks {

    private static final Path PROC = Path.of("/proc");
    private static final int SIGALRM = 14;

    private final SyscallAbi abi;

    /// @param abi the system calls of this host
    public ThreadLooks(SyscallAbi abi) {
        this.abi = abi;
    }

    /// {@return whether the kernel tells what threads wait for}
    public static boolean isPossible() {
        Path self = PROC.resolve("self");
        return Files.isReadable(self.resolve("syscall"))
                && Files.isReadable(self.resolve("timers"));
    }

    /// {@return all threads of the processes below `root`, without its own; a process that goes
    /// meanwhile is left out}
    ///
    /// @param stage what the threads are said to be of
    /// @param root a process
    public List<ThreadLook> below(int stage, int root) {
        List<ThreadLook> looks = new ArrayList<>();
        ProcessFiles.Children children = ProcessFiles.HOST.children(root);
        collect(stage, root, children, false, looks);
        return looks;
    }

    private void collect(
            int stage,
            int pid,
            ProcessFiles.Children children,
            boolean itself,
            List<ThreadLook> looks) {
        Optional<ProcessSample> sample = ProcessFiles.HOST.sample(pid);
        if (sample.isEmpty()) {
            return;
        }
        if (itself) {
            Path task = PROC.resolve(String.valueOf(pid)).resolve("task");
            for (String tid : ProcessFiles.entries(task)) {
                look(stage, pid, Integer.parseInt(tid)).ifPresent(looks::add);
            }
        }
        for (int child : children.of(pid, sample.get())) {
            collect(stage, child, children, true, looks);
        }
    }

    private Optional<ThreadLook> look(int stage, int pid, int tid) {
        Path process = PROC.resolve(String.valueOf(pid));
        Path thread = process.resolve("task").resolve(String.valueOf(tid));
        String status = read(thread.resolve("status")).orElse("");
        char state = field(status, "State").isEmpty() ? 'X' : field(status, "State").charAt(0);
        if (state == 'Z' || state == 'X') {
            return Optional.empty();
        }
        long switches =
                Long.parseLong(field(status, "voluntary_ctxt_switches"))
                        + Long.parseLong(field(status, "nonvoluntary_ctxt_switches"));
        boolean handlesAlarm =
                (Long.parseUnsignedLong(field(status, "SigCgt"), 16) >> (SIGALRM - 1) & 1) != 0;
        // A file that cannot be read tells nothing, and nothing is assumed then.
        boolean alarmable =
                handlesAlarm
                        || !read(process.resolve("timers")).filter(String::isEmpty).isPresent();
        Wait wait =
                state == 'S'
                        ? read(thread.resolve("syscall"))
                                .flatMap(line -> BlockedCall.parse(line, abi))
                                .map(call -> call.waitsFor(new OpenFiles(process)))
                                .orElseGet(() ->
                                        new Wait.Unknown("is in no system call that is known"))
                        : new Wait.Unknown("is in state " + state);
        return Optional.of(
                new ThreadLook(
                        stage,
                        pid,
                        tid,
                        field(status, "Name"),
                        state == 'S',
                        switches,
                        alarmable,
                        wait));
    }

    /// What else a process has.
    private record OpenFiles(Path directory) implements BlockedCall.Process {
        @Override
        public Optional<String> file(int descriptor) {
            try {
                Path link = directory.resolve("fd").resolve(String.valueOf(descriptor));
                return Optional.of(Files.readSymbolicLink(link).toString());
            } catch (IOException e) {
                // Closed, or the process is gone, or nobody may look: nothing is known of it.
                return Optional.empty();
            }
        }

        @Override
        public Optional<List<Integer>> watched(int epoll) {
            return read(directory.resolve("fdinfo").resolve(String.valueOf(epoll)))
                    .map(text ->
                            text.lines()
                                    .filter(line -> line.startsWith("tfd:"))
                                    .map(line ->
                                            line.substring("tfd:".length())
                                                    .strip()
                                                    .split("\\s+")[0])
                                    .map(Integer::valueOf)
                                    .toList());
        }

        @Override
        public Optional<byte[]> memory(long address, int length) {
            if (length == 0) {
                return Optional.of(new byte[0]);
            }
            try (RandomAccessFile memory =
                    new RandomAccessFile(directory.resolve("mem").toFile(), "r")) {
                byte[] bytes = new byte[length];
                memory.seek(address);
                memory.readFully(bytes);
                return Optional.of(bytes);
            } catch (IOException e) {
                // Gone, not mapped, or nobody may look.
                return Optional.empty();
            }
        }
    }

    private static String field(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    /// Empty if the process is gone, or nobody may look: what is not known is never taken as proof.
    private static Optional<String> read(Path file) {
        try {
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
