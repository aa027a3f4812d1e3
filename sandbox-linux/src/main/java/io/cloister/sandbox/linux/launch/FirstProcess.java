package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.linux.ffm.Kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
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
    private static final List<String> STATUS =
            List.of(
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

    // Fields of /proc/PID/stat behind the name, which may hold anything: priority and nice value;
    // real-time priority and policy.
    private static final List<Integer> STAT = List.of(15, 16, 37, 38);

    /// Of /proc/PID/net: devices; counters; sockets that processes may have sent to each other and
    /// to nobody; what outlives the socket that made it.
    private static final List<String> NETWORK =
            List.of("dev", "snmp", "snmp6", "netstat", "unix", "ip6_flowlabel");

    /// Of the process with this pid.
    static FirstProcess look(long pid) {
        Path directory = Path.of("/proc/" + pid);
        String status =
                read(directory.resolve("status"))
                        .lines()
                        .filter(line -> STATUS.contains(line.substring(0, line.indexOf(':'))))
                        .collect(Collectors.joining("\n"));
        String stat = read(directory.resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        String scheduling =
                STAT.stream().map(index -> fields[index]).collect(Collectors.joining(" "));
        String process =
                String.join(
                        "\n",
                        status,
                        "scheduling: " + scheduling,
                        "ioprio: " + Kernel.ioPriority(pid),
                        "oom_score_adj: " + read(directory.resolve("oom_score_adj")).strip(),
                        read(directory.resolve("limits")).strip());
        Path net = directory.resolve("net");
        String network =
                NETWORK.stream()
                        .map(name -> name + ":\n" + read(net.resolve(name)))
                        .collect(Collectors.joining());
        return new FirstProcess(
                process, read(directory.resolve("mountinfo")), network + sockets(net));
    }

    /// How many sockets the namespace has; the rest of that file counts those of all namespaces.
    private static String sockets(Path net) {
        return read(net.resolve("sockstat"))
                .lines()
                .filter(line -> line.startsWith("sockets:"))
                .findFirst()
                .orElse("");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            // This kernel has no such thing, or the process is gone; then all of it is missing.
            return "";
        } catch (IOException e) {
            throw new SandboxException("the session cannot be looked at: " + file, e);
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
