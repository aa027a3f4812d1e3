package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.NativeBuffer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What procfs tells of the first process of a sandbox that stays, and of the namespaces that it
/// keeps: what commands inherit from it, and what they can leave there.
///
/// @param process its rlimits, its scheduling, its signals and its rights; commands inherit them
/// @param mounts its mounts
/// @param network the counters of its network, which grow with each packet and with each attempt to
///   send one, and the sockets in it
record FirstProcess(String process, String mounts, String network) {

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

    // Fields of /proc/PID/stat behind the name, which may hold anything: priority and nice value;
    // real-time priority and policy.
    private static final List<Integer> STAT = List.of(15, 16, 37, 38);

    /// Of /proc/PID/net: devices; counters; sockets that processes may have sent to each other and
    /// to nobody; what outlives the socket that made it.
    private static final List<String> NETWORK =
            List.of("dev", "snmp", "snmp6", "netstat", "unix", "ip6_flowlabel");

    /// Of the process with this pid.
    static FirstProcess look(long pid) {
        String directory = "/proc/" + pid + "/";
        NativeBuffer buffer = new NativeBuffer(BUFFER);
        String stat = read(buffer, directory + "stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        StringBuilder process = new StringBuilder(MOST);
        keep(read(buffer, directory + "status"), process);
        process.append("scheduling:");
        STAT.forEach(index -> process.append(' ').append(fields[index]));
        process.append("\nioprio: ").append(Kernel.ioPriority(pid));
        process.append("\noom_score_adj: ").append(read(buffer, directory + "oom_score_adj"));
        process.append(read(buffer, directory + "limits"));
        StringBuilder network = new StringBuilder(MOST);
        for (String name : NETWORK) {
            network.append(name).append(":\n").append(read(buffer, directory + "net/" + name));
        }
        network.append(sockets(read(buffer, directory + "net/sockstat")));
        return new FirstProcess(
                process.toString(), read(buffer, directory + "mountinfo"), network.toString());
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

    /// Empty where this kernel has no such file, and when the process is gone; then all of it is.
    private static String read(NativeBuffer buffer, String file) {
        int fd = Kernel.open(file, O_RDONLY | O_CLOEXEC, 0);
        if (Errno.ENOENT.is(fd)) {
            return "";
        }
        LaunchErrors.check(SetupStep.SUPERVISE, "look at " + file, fd);
        try {
            byte[] text = new byte[buffer.size()];
            int length = 0;
            int count;
            do {
                count = Kernel.read(fd, buffer, buffer.size());
                if (Errno.ESRCH.is(count)) {
                    return "";
                }
                LaunchErrors.check(SetupStep.SUPERVISE, "look at " + file, count);
                if (length + count > text.length) {
                    text = Arrays.copyOf(text, 2 * (length + count));
                }
                buffer.get(0, text, length, count);
                length += count;
            } while (count > 0);
            return new String(text, 0, length, StandardCharsets.ISO_8859_1);
        } finally {
            Kernel.close(fd);
        }
    }

    /// The lines that differ from those of `before`, for a message.
    static String changes(String before, String now) {
        List<String> old = before.lines().toList();
        List<String> young = now.lines().toList();
        return IntStream.range(0, Math.max(old.size(), young.size()))
                .filter(i ->
                        i >= old.size() || i >= young.size() || !old.get(i).equals(young.get(i)))
                .limit(4)
                .mapToObj(i -> "was " + line(old, i) + ", is " + line(young, i))
                .collect(Collectors.joining(", "));
    }

    private static String line(List<String> lines, int index) {
        return index < lines.size() ? "\"" + lines.get(index) + "\"" : "nothing";
    }
}
