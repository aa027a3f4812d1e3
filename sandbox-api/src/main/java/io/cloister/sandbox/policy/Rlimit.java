package io.cloister.sandbox.policy;

import java.util.Locale;
import java.util.Optional;

/// A limit that the kernel keeps for each process by itself. Source: getrlimit(2).
///
/// Where a default is named it holds unless the policy says otherwise; a limit without one is that
/// of the JVM. A value above the JVM's own hard limit is reduced to that, since a sandbox has no
/// privilege to raise it.
public enum Rlimit {
    /// Processor time of one process in seconds. At the soft limit it gets `SIGXCPU`, each second
    /// again, and at the hard limit `SIGKILL`. No default.
    CPU,
    /// Size of a file it writes, in bytes. Beyond, it gets `SIGXFSZ`; if it ignores that, writes
    /// fail with `EFBIG`. No default.
    FSIZE,
    /// Its data segment, heap and private mappings, in bytes. Beyond, brk(2) and mmap(2) fail with
    /// `ENOMEM`. No default.
    DATA,
    /// Stack of its main thread, in bytes. Beyond, it gets `SIGSEGV`. No default.
    STACK,
    /// Size of a core dump, in bytes. Default 0: none is written.
    CORE(0, 0),
    /// Resident memory, in bytes; of no effect since Linux 2.4.30. No default.
    RSS,
    /// Processes and threads of its user. Beyond, fork(2) fails with `EAGAIN`. Default 1024.
    NPROC(1024, 1024),
    /// Highest descriptor number plus one. Beyond, open(2) fails with `EMFILE`. Default 1024, which
    /// a program may raise to 4096.
    NOFILE(1024, 4096),
    /// Memory locked into RAM, in bytes. Beyond, mlock(2) fails with `ENOMEM`. Default 65536.
    MEMLOCK(65_536, 65_536),
    /// Its address space, in bytes. Beyond, brk(2) and mmap(2) fail with `ENOMEM`. No default.
    AS,
    /// Number of file locks; of no effect since Linux 2.4.25. No default.
    LOCKS,
    /// Queued signals of its user. Beyond, sigqueue(3) fails with `EAGAIN`. Default 4096.
    SIGPENDING(4096, 4096),
    /// Bytes in POSIX message queues of its user. Beyond, mq_open(3) fails with `EMFILE`. Default
    /// 819200.
    MSGQUEUE(819_200, 819_200),
    /// Ceiling of the nice value, as 20 minus it. Beyond, setpriority(2) fails with `EACCES`.
    /// Default 0.
    NICE(0, 0),
    /// Ceiling of the real-time priority. Beyond, sched_setscheduler(2) fails with `EPERM`. Default
    /// 0: none.
    RTPRIO(0, 0),
    /// Processor time of a real-time process without a blocking system call, in microseconds. At
    /// the soft limit it gets `SIGXCPU`, at the hard limit `SIGKILL`. No default.
    RTTIME;

    private final Optional<RlimitValue> defaultValue;

    Rlimit() {
        this.defaultValue = Optional.empty();
    }

    Rlimit(long soft, long hard) {
        this.defaultValue = Optional.of(new RlimitValue(soft, hard));
    }

    /// {@return what holds unless the policy says otherwise; empty for what the JVM has}
    public Optional<RlimitValue> defaultValue() {
        return defaultValue;
    }

    /// {@return the lower-case name, as in JSON: `nofile`}
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
