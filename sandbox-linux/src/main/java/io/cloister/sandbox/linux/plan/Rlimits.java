package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import java.time.Duration;

/// Resource limits in the kernel's terms.
public final class Rlimits {

    private static final long LONGEST_SECONDS = 1L << 40;

    private Rlimits() {}

    /// The kernel's number (asm-generic/resource.h, the same on x86-64 and aarch64).
    public static int number(Rlimit limit) {
        return switch (limit) {
            case CPU -> 0;
            case FSIZE -> 1;
            case DATA -> 2;
            case STACK -> 3;
            case CORE -> 4;
            case RSS -> 5;
            case NPROC -> 6;
            case NOFILE -> 7;
            case MEMLOCK -> 8;
            case AS -> 9;
            case LOCKS -> 10;
            case SIGPENDING -> 11;
            case MSGQUEUE -> 12;
            case NICE -> 13;
            case RTPRIO -> 14;
            case RTTIME -> 15;
        };
    }

    /// A limit on CPU time as the kernel takes it: rounded up to whole seconds.
    static long wholeSeconds(Duration limit) {
        long whole = Math.min(limit.toSeconds(), LONGEST_SECONDS);
        return whole + (limit.toNanosPart() > 0 ? 1 : 0);
    }

    /// `value`, lowered to `hard`; raising a limit above the JVM's own needs a privilege that a
    /// sandbox never has.
    static RlimitValue cap(RlimitValue value, long hard) {
        return new RlimitValue(lower(value.soft(), hard), lower(value.hard(), hard));
    }

    /// The lower one of each.
    static RlimitValue lower(RlimitValue a, RlimitValue b) {
        return new RlimitValue(lower(a.soft(), b.soft()), lower(a.hard(), b.hard()));
    }

    private static long lower(long a, long b) {
        return a < 0 ? b : b < 0 ? a : Math.min(a, b);
    }
}
