package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;
import static io.cloister.sandbox.linux.program.Linux.POLLPRI;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.FileCalls;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.NativeBuffer;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The first process of a sandbox that stays, and the namespaces that it keeps, as procfs tells of
/// them: what commands inherit from it, and what they can leave there.
///
/// The files stay open: to find them takes longer than to read them. Not thread-safe.
final class FirstProcess implements AutoCloseable {

    /// Of /proc/PID/status. What depends on time, memory or other sandboxes is left out.
    private static final Set<String> STATUS =
            Set.of(
                    "Umask",
                    "TracerPid",
                    "Uid",
                    "Gid",
                    "Groups",
                    "Threads",
                    "SigPnd",
                    "ShdPnd",
                    "SigBlk",
                    "SigIgn",
                    "SigCgt",
                    "CapInh",
                    "CapPrm",
                    "CapEff",
                    "CapBnd",
                    "CapAmb",
                    "NoNewPrivs",
                    "Seccomp",
                    "Cpus_allowed",
                    "Mems_allowed");

    private static final int BUFFER = 8192;
    private static final int MOST = 8192;

    /// For what is known at once.
    private static final Duration NOW = Duration.ZERO;

    /// States of who has ended and was not waited for yet.
    private static final Set<String> ENDED = Set.of("Z", "X");

    // Fields of /proc/PID/stat behind the name, which may hold anything: priority and nice value;
    // real-time priority and policy. The first one is the state.
    private static final List<Integer> STAT = List.of(15, 16, 37, 38);

    /// Of /proc/PID/net: devices; counters of each protocol, which grow with each packet and with
    /// each attempt to send one; what outlives the socket that made it. The further counters of
    /// `netstat` tell how packets fared that are counted here.
    private static final List<String> NETWORK = List.of("dev", "snmp", "snmp6", "ip6_flowlabel");

    private final long pid;
    private final boolean listing;
    private final NativeBuffer buffer = new NativeBuffer(BUFFER);
    private final Map<String, Integer> files = new HashMap<>();
    private String mounts = "";

    /// What was seen.
    ///
    /// @param process its rlimits, its scheduling, its signals and its rights; commands inherit
    ///   them
    /// @param mounts its mounts
    /// @param network the counters of its network, and how many sockets there are, those on their
    ///   way between processes too
    record Seen(String process, String mounts, String network) {}

    /// The process with this pid.
    ///
    /// @param listing whether mounts are to be listed each time
    FirstProcess(long pid, boolean listing) {
        this.pid = pid;
        this.listing = listing;
    }

    /// What is to be seen now.
    ///
    /// @throws IllegalStateException if it has ended
    Seen look() {
        String stat = required("stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        if (ENDED.contains(fields[0])) {
            throw ended("life any more, but state " + fields[0]);
        }
        StringBuilder process = new StringBuilder(MOST);
        keep(required("status"), process);
        process.append("scheduling:");
        STAT.forEach(index -> process.append(' ').append(fields[index]));
        process.append("\nioprio: ").append(Kernel.ioPriority(pid));
        process.append("\noom_score_adj: ").append(read("oom_score_adj"));
        process.append(required("limits"));
        StringBuilder network = new StringBuilder(MOST);
        for (String name : NETWORK) {
            network.append(name).append(":\n").append(read("net/" + name));
        }
        network.append(sockets(read("net/sockstat")));
        return new Seen(process.toString(), mounts(), network.toString());
    }

    /// The kernel tells whether a mount was made, moved, changed or removed since it was asked
    /// last: to list them all is the dearest look of all. It does not tell that a directory above a
    /// mount was renamed, which takes a place that can be written to.
    private String mounts() {
        int fd = file("mountinfo");
        int touched = Kernel.poll(fd, POLLPRI, NOW);
        LaunchErrors.check(SetupStep.SUPERVISE, "poll " + path("mountinfo"), touched);
        if (listing || touched > 0 || mounts.isEmpty()) {
            mounts = read("mountinfo");
        }
        return mounts;
    }

    /// Copies the lines that are compared.
    private static void keep(String status, StringBuilder target) {
        for (int start = 0, end; start < status.length(); start = end) {
            end = status.indexOf('\n', start) + 1;
            end = end == 0 ? status.length() : end;
            int colon = status.indexOf(':', start);
            if (colon >= 0 && colon < end && STATUS.contains(status.substring(start, colon))) {
                target.append(status, start, end);
            }
        }
    }

    /// How many sockets the namespace has; the rest of that file counts those of all namespaces.
    private static String sockets(String statistics) {
        return statistics.substring(0, statistics.indexOf('\n') + 1);
    }

    private String path(String file) {
        return "/proc/" + pid + "/" + file;
    }

    /// Its descriptor, or -ENOENT where this kernel has no such file.
    private int file(String name) {
        return files.computeIfAbsent(
                name,
                _ -> {
                    int fd = Kernel.open(path(name), O_RDONLY | O_CLOEXEC, 0);
                    return Errno.ENOENT.is(fd) ? fd : check(name, fd);
                });
    }

    /// Empty where this kernel has no such file.
    private String read(String name) {
        int fd = file(name);
        if (fd < 0) {
            return "";
        }
        byte[] text = new byte[buffer.size()];
        int length = 0;
        int count;
        do {
            count = check(name, FileCalls.read(fd, length, buffer));
            if (length + count > text.length) {
                text = Arrays.copyOf(text, 2 * (length + count));
            }
            buffer.get(0, text, length, count);
            length += count;
        } while (count > 0);
        return new String(text, 0, length, StandardCharsets.ISO_8859_1);
    }

    /// What each kernel has of each process.
    private String required(String name) {
        String text = read(name);
        if (text.isEmpty()) {
            throw ended(path(name) + " any more");
        }
        return text;
    }

    private static IllegalStateException ended(String what) {
        return new IllegalStateException("the session has ended: its first process has no " + what);
    }

    private int check(String name, int result) {
        if (Errno.ESRCH.is(result)) {
            throw ended(path(name) + " any more");
        }
        return LaunchErrors.check(SetupStep.SUPERVISE, "look at " + path(name), result);
    }

    /// Nothing can be seen of it any more.
    @Override
    public void close() {
        files.values().stream().filter(fd -> fd >= 0).forEach(Kernel::close);
        files.clear();
    }
}
