package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.LimitKind;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntBiFunction;

/// The limits on memory and swap of version 1. It limits memory, and memory and swap together; the
/// second may never be below the first, so the order in which they are written depends on what
/// holds now. Not thread-safe.
final class MemoryVersion1 {

    static final String MEMORY = "memory.limit_in_bytes";
    static final String MEMORY_AND_SWAP = "memory.memsw.limit_in_bytes";
    private static final long UNLIMITED = Long.MAX_VALUE;
    private static final int ATTEMPTS = 5;

    private final ToIntBiFunction<String, String> writer;
    private final BooleanSupplier noSwapSpace;
    private long memory = UNLIMITED;
    private long both = UNLIMITED;
    private boolean countsSwap = true;

    /// @param writer writes a text to a file; returns a number >= 0, or -errno
    /// @param noSwapSpace whether the host can't swap at all
    MemoryVersion1(ToIntBiFunction<String, String> writer, BooleanSupplier noSwapSpace) {
        this.writer = writer;
        this.noSwapSpace = noSwapSpace;
    }

    /// Writes the limits where they differ from what holds.
    ///
    /// @return what could not be written; `memoryHigh` always, since version 1 has nothing like it
    List<Unmet> apply(CgroupLimits limits) {
        List<Unmet> unmet = new ArrayList<>();
        limits.memoryHigh()
                .ifPresent(v ->
                        unmet.add(unmet(LimitKind.MEMORY_HIGH, "memory.high", v, Errno.ENOENT)));
        long wanted = limits.memoryMax().orElse(UNLIMITED);
        long wantedBoth = sum(limits);
        if (wantedBoth >= both) {
            writeBoth(wantedBoth, limits, unmet);
            writeMemory(wanted, unmet);
        } else {
            writeMemory(wanted, unmet);
            writeBoth(wantedBoth, limits, unmet);
        }
        if (limits.swapMax().isPresent() && !holdsSwap(limits)) {
            Errno errno = countsSwap ? Errno.EINVAL : Errno.ENOENT;
            unmet.removeIf(u -> u.kind() == LimitKind.SWAP);
            unmet.add(unmet(LimitKind.SWAP, MEMORY_AND_SWAP, wantedBoth, errno));
        }
        return unmet;
    }

    /// Whether memory and swap together have a limit.
    boolean limitsSwap() {
        return both != UNLIMITED;
    }

    /// A limit on swap alone can't be said here.
    private static long sum(CgroupLimits limits) {
        if (limits.memoryMax().isEmpty() || limits.swapMax().isEmpty()) {
            return UNLIMITED;
        }
        long sum = limits.memoryMax().get() + limits.swapMax().get();
        return sum < 0 ? UNLIMITED : sum;
    }

    private boolean holdsSwap(CgroupLimits limits) {
        return noSwapSpace.getAsBoolean()
                || countsSwap && limits.memoryMax().isPresent() && both == sum(limits);
    }

    private void writeMemory(long wanted, List<Unmet> unmet) {
        if (wanted == memory) {
            return;
        }
        int result = write(MEMORY, wanted);
        if (result >= 0) {
            memory = wanted;
        } else {
            unmet.add(new Unmet(LimitKind.MEMORY, MEMORY, text(wanted), -result));
        }
    }

    private void writeBoth(long wanted, CgroupLimits limits, List<Unmet> unmet) {
        if (wanted == both || !countsSwap) {
            return;
        }
        int result = write(MEMORY_AND_SWAP, wanted);
        if (result >= 0) {
            both = wanted;
        } else if (Errno.ENOENT.is(result)) {
            countsSwap = false;
        } else if (limits.swapMax().isPresent()) {
            unmet.add(new Unmet(LimitKind.SWAP, MEMORY_AND_SWAP, text(wanted), -result));
        } else {
            throw new CgroupException(MEMORY_AND_SWAP, text(wanted), -result);
        }
    }

    /// A limit below what is in use is refused with EBUSY when the kernel could not free enough in
    /// one go.
    private int write(String file, long value) {
        int result = writer.applyAsInt(file, text(value));
        for (int i = 1; i < ATTEMPTS && Errno.EBUSY.is(result); i++) {
            writer.applyAsInt("memory.force_empty", "0");
            result = writer.applyAsInt(file, text(value));
        }
        return result;
    }

    private static String text(long value) {
        return value == UNLIMITED ? "-1" : String.valueOf(value);
    }

    private static Unmet unmet(LimitKind kind, String file, long value, Errno errno) {
        return new Unmet(kind, file, text(value), errno.number());
    }
}
