package io.cloister.sandbox.linux.watch;

import org.jspecify.annotations.Nullable;

import java.util.OptionalLong;

/// What one process used at one moment (proc_pid_stat(5), proc_pid_status(5), proc_pid_smaps(5)).
///
/// @param parent the id of its parent
/// @param startTicks when it started, in ticks since the host did; with the id it names one process
///   for good
/// @param threads how many threads it has; 1 for one that nobody has waited for yet
/// @param ownNanos processor time of all threads it ever had
/// @param waitedNanos processor time of the children it has waited for, and of theirs
/// @param memoryBytes anonymous memory, shared memory that it maps, and swap
record ProcessSample(
        int parent,
        long startTicks,
        int threads,
        long ownNanos,
        long waitedNanos,
        long memoryBytes) {

    /// `USER_HZ`, the kernel's unit of time towards programs, is 100 on x86-64 and aarch64 whatever
    /// the kernel's own is (include/asm-generic/param.h).
    private static final long TICK_NANOS = 1_000_000_000L / 100;

    private static final long KIBIBYTE = 1024;

    // Positions behind the name of the program; proc_pid_stat(5) counts from 1, and the state,
    // which is the first of them, is its number 3.
    private static final int PARENT = 4 - 3;
    private static final int UTIME = 14 - 3;
    private static final int STIME = 15 - 3;
    private static final int CUTIME = 16 - 3;
    private static final int CSTIME = 17 - 3;
    private static final int NUM_THREADS = 20 - 3;
    private static final int STARTTIME = 22 - 3;

    /// Reads the texts of `stat` and `status`.
    ///
    /// @throws IllegalArgumentException if `stat` is not such a text
    static ProcessSample parse(String stat, String status) {
        // The name stands in parentheses and may hold any byte, a parenthesis or a newline too.
        int nameEnd = stat.lastIndexOf(')');
        String[] words = stat.substring(nameEnd + 1).strip().split(" ");
        if (nameEnd < 0 || words.length <= STARTTIME) {
            throw notStat(stat, null);
        }
        try {
            return new ProcessSample(
                    Integer.parseInt(words[PARENT]),
                    Long.parseLong(words[STARTTIME]),
                    Integer.parseInt(words[NUM_THREADS]),
                    nanos(words[UTIME], words[STIME]),
                    nanos(words[CUTIME], words[CSTIME]),
                    sum(status, "RssAnon:", "RssShmem:", "VmSwap:").orElse(0));
        } catch (NumberFormatException e) {
            throw notStat(stat, e);
        }
    }

    private static IllegalArgumentException notStat(String stat, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "/proc/<pid>/stat must hold %d numbers behind the name, was \"%s\""
                        .formatted(STARTTIME, stat.strip()),
                cause);
    }

    private static long nanos(String user, String system) {
        return (Long.parseLong(user) + Long.parseLong(system)) * TICK_NANOS;
    }

    /// The memory of the text of `smaps_rollup`, where a page that n processes share counts for 1/n
    /// of it; empty if the kernel does not tell (before Linux 5.3).
    static OptionalLong proportionalMemory(String smapsRollup) {
        return sum(smapsRollup, "Pss_Anon:", "Pss_Shmem:", "SwapPss:");
    }

    ProcessSample memoryBytes(long bytes) {
        return new ProcessSample(parent, startTicks, threads, ownNanos, waitedNanos, bytes);
    }

    /// The sum of lines such as `RssAnon: 1234 kB`; empty if none is there, as for a process that
    /// has ended.
    private static OptionalLong sum(String text, String... names) {
        long sum = 0;
        boolean found = false;
        for (String line : text.split("\n")) {
            for (String name : names) {
                if (line.startsWith(name)) {
                    String number = line.substring(name.length()).strip().split(" ")[0];
                    sum += Long.parseLong(number) * KIBIBYTE;
                    found = true;
                }
            }
        }
        return found ? OptionalLong.of(sum) : OptionalLong.empty();
    }
}
