package io.cloister.sandbox.linux.io;

/// How many bytes may pass. Not thread-safe: its owner serialises.
public final class ByteBudget {

    private final Runnable exceeded;
    private long left;
    private volatile long passed;

    /// @param limit how many bytes may pass
    /// @param exceeded told once, at the first byte beyond
    public ByteBudget(long limit, Runnable exceeded) {
        left = limit;
        this.exceeded = exceeded;
    }

    /// How many bytes have passed. Any thread may ask.
    public long passed() {
        return passed;
    }

    /// How many of `count` bytes may pass.
    public int take(int count) {
        if (left < 0) {
            return 0;
        }
        int allowed = (int) Math.min(left, count);
        left -= allowed;
        passed = passed + allowed;
        if (allowed < count) {
            left = -1;
            exceeded.run();
        }
        return allowed;
    }
}
