package io.cloister.sandbox;

import io.cloister.sandbox.policy.DeviceIo;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.ResourceLimits;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.policy.RlimitValue;

import java.time.Duration;
import java.util.function.UnaryOperator;

/// The limits of a [Sandbox.Builder]: what one run, all its processes together, may use.
///
/// **Required or best effort.** A limit that is set here is required: where the host cannot enforce
/// it the sandbox is refused with a [SandboxUnavailableException] that tells the remedy. One that
/// is marked by [#bestEffort(LimitItem...)], as the defaults are, is enforced as far as the host
/// can, and [SandboxResult#enforced()] tells by what means: a control group; or a limit on each
/// process and a watcher over all of them, which is weaker, since a process can take much between
/// two looks.
///
/// @param <B> the builder
public abstract sealed class LimitsBuilder<B extends LimitsBuilder<B>> permits FilesystemBuilder {
    final SpecDraft draft;

    LimitsBuilder(SpecDraft draft) {
        this.draft = draft;
    }

    abstract B self();

    private B limits(UnaryOperator<ResourceLimits> change) {
        draft.limits = change.apply(draft.limits);
        return self();
    }

    /// Caps the memory of all processes of a run together: what they allocate, what they write to
    /// file systems in memory and to shared memory, and what the kernel holds for them.
    ///
    /// - **Unit:** bytes, > 0; the kernel may round to whole pages.
    /// - **Default:** 1 GiB, best effort.
    /// - **At the limit:** the whole tree is killed; the outcome is [Outcome.LimitReached] with
    ///   [Limit#MEMORY].
    /// - **Source:** `memory.max` of cgroups(7), `memory.limit_in_bytes` in version 1.
    ///
    /// @param size the limit
    /// @return this builder
    public B memoryLimit(Bytes size) {
        return limits(limits -> limits.memory(size));
    }

    /// Lets a run use as much memory as the host gives.
    ///
    /// @return this builder
    public B unlimitedMemory() {
        return limits(ResourceLimits::unlimitedMemory);
    }

    /// Sets the memory beyond which the processes of a run are slowed down while the kernel
    /// reclaims their pages.
    ///
    /// - **Unit:** bytes, > 0; the kernel may round to whole pages.
    /// - **Default:** none.
    /// - **At the limit:** the run is slowed down, up to a crawl; nothing fails and nothing is
    ///   killed.
    /// - **Source:** `memory.high` of cgroups(7); in version 1, `memory.soft_limit_in_bytes` is no
    ///   substitute.
    ///
    /// @param size the limit
    /// @return this builder
    public B memoryHigh(Bytes size) {
        return limits(limits -> limits.memoryHigh(size));
    }

    /// Caps the swap that all processes of a run use together, on top of their memory.
    ///
    /// - **Unit:** bytes; 0 for none.
    /// - **Default:** 0, best effort.
    /// - **At the limit:** nothing more of the run is swapped out.
    /// - **Source:** `memory.swap.max` of cgroups(7), `memory.memsw.limit_in_bytes` in version 1.
    ///
    /// @param size the limit
    /// @return this builder
    public B swapLimit(Bytes size) {
        return limits(limits -> limits.swap(size));
    }

    /// Lets a run use as much swap as the host gives.
    ///
    /// @return this builder
    public B unlimitedSwap() {
        return limits(ResourceLimits::unlimitedSwap);
    }

    /// Caps the processes and threads of a run at one time.
    ///
    /// - **Unit:** processes and threads, > 0; the one that the sandbox itself needs does not
    ///   count.
    /// - **Default:** 256, best effort.
    /// - **At the limit:** fork(2) and clone(2) fail with `EAGAIN`, and the whole tree is killed;
    ///   the outcome is [Outcome.LimitReached] with [Limit#PIDS].
    /// - **Source:** `pids.max` of cgroups(7).
    ///
    /// @param count the limit
    /// @return this builder
    public B pidsLimit(long count) {
        return limits(limits -> limits.pids(count));
    }

    /// Lets a run have as many processes and threads as [Rlimit#NPROC] and the host allow.
    ///
    /// @return this builder
    public B unlimitedPids() {
        return limits(ResourceLimits::unlimitedPids);
    }

    /// Caps the rate at which a run uses processors.
    ///
    /// - **Unit:** processors, 0.01 to 10000; 0.5 is half of one, in each period of 100 ms.
    /// - **Default:** none.
    /// - **At the limit:** the run is slowed down, nothing else.
    /// - **Source:** `cpu.max` of cgroups(7), `cpu.cfs_quota_us` in version 1.
    ///
    /// @param count the limit
    /// @return this builder
    public B cpus(double count) {
        return limits(limits -> limits.cpus(count));
    }

    /// Lets a run save up processor time that it leaves unused, and use it beyond [#cpus(double)].
    ///
    /// - **Unit:** time per period of 100 ms, > 0 and at most what `cpus` gives in a period.
    /// - **Default:** none.
    /// - **At the limit:** the run is slowed down to `cpus`.
    /// - **Source:** `cpu.max.burst` of cgroups(7), `cpu.cfs_burst_us` in version 1; since Linux
    ///   5.14.
    ///
    /// @param time what it may save up
    /// @return this builder
    public B cpuBurst(Duration time) {
        return limits(limits -> limits.cpuBurst(time));
    }

    /// Sets the share of a run when processors are scarce, among the runs of this JVM.
    ///
    /// - **Unit:** 1 to 10000; twice the weight is twice the time.
    /// - **Default:** 100, as the kernel has it.
    /// - **Source:** `cpu.weight` of cgroups(7), `cpu.shares` in version 1.
    ///
    /// @param weight the share
    /// @return this builder
    public B cpuWeight(int weight) {
        return limits(limits -> limits.cpuWeight(weight));
    }

    /// Sets the processors that a run may use; sched_getaffinity(2) shows these alone.
    ///
    /// - **Unit:** numbers and ranges as the host counts them: `0-1,3`.
    /// - **Default:** all that the JVM may use.
    /// - **Source:** `cpuset.cpus` of cgroups(7); cpuset(7).
    ///
    /// @param list the processors
    /// @return this builder
    public B cpuset(String list) {
        return limits(limits -> limits.cpuset(list));
    }

    /// Sets the memory nodes from which a run takes its memory.
    ///
    /// - **Unit:** numbers and ranges as the host counts them: `0`.
    /// - **Default:** all that the JVM may use.
    /// - **Source:** `cpuset.mems` of cgroups(7); cpuset(7).
    ///
    /// @param list the nodes
    /// @return this builder
    public B memoryNodes(String list) {
        return limits(limits -> limits.memoryNodes(list));
    }

    /// Sets the share of a run when block devices are scarce, among the runs of this JVM.
    ///
    /// - **Unit:** 1 to 10000; twice the weight is twice the time of the device.
    /// - **Default:** 100, as the kernel has it.
    /// - **Source:** `io.weight` or `io.bfq.weight` of cgroups(7), `blkio.bfq.weight` in version 1;
    ///   it needs a device with the `bfq` scheduler or the `iocost` controller.
    ///
    /// @param weight the share
    /// @return this builder
    public B ioWeight(int weight) {
        return limits(limits -> limits.ioWeight(weight));
    }

    /// Caps the rates at which a run reads from and writes to a block device; see [DeviceIo]. One
    /// call for each device.
    ///
    /// - **Default:** none.
    /// - **At the limit:** reads and writes wait, nothing else.
    /// - **Source:** `io.max` of cgroups(7), `blkio.throttle` in version 1.
    ///
    /// @param limit the device and its rates
    /// @return this builder
    public B ioLimit(DeviceIo limit) {
        return limits(limits -> limits.io(limit));
    }

    /// Caps the huge pages of one size that all processes of a run use together.
    ///
    /// - **Unit:** bytes, of pages of `page` bytes each; 0 for none.
    /// - **Default:** none.
    /// - **At the limit:** mmap(2) with `MAP_HUGETLB` fails with `ENOMEM`, or the process that
    ///   touches the page gets `SIGBUS`; the run goes on.
    /// - **Source:** `hugetlb.<size>.max` of cgroups(7), `limit_in_bytes` in version 1.
    ///
    /// @param page the size of a page, a power of two
    /// @param size the limit
    /// @return this builder
    public B hugePagesLimit(Bytes page, Bytes size) {
        return limits(limits -> limits.hugePages(page, size));
    }

    /// Caps the processor time of all processes of a run together, those that have ended among
    /// them.
    ///
    /// - **Unit:** time, > 0.
    /// - **Default:** 5 minutes, best effort.
    /// - **At the limit:** the whole tree is killed, at most 10 ms of processor time late; the
    ///   outcome is [Outcome.LimitReached] with [Limit#CPU_TIME]. Should the JVM be stuck, each
    ///   process gets `SIGXCPU` a second after the limit, rounded up to whole seconds, and
    ///   `SIGKILL` another second later.
    /// - **Source:** `cpu.stat` of cgroups(7), `cpuacct.usage` in version 1; `RLIMIT_CPU` of
    ///   getrlimit(2) as the backstop.
    ///
    /// @param time the limit
    /// @return this builder
    public B cpuTimeLimit(Duration time) {
        return limits(limits -> limits.cpuTime(time));
    }

    /// Lets a run use as much processor time as it likes.
    ///
    /// @return this builder
    public B unlimitedCpuTime() {
        return limits(ResourceLimits::unlimitedCpuTime);
    }

    /// Caps the time from the request of a run to its end; the set-up, a few milliseconds, counts.
    /// Time for which the run is paused does not.
    ///
    /// - **Unit:** time, > 0.
    /// - **Default:** 5 minutes.
    /// - **At the limit:** the whole tree is killed; the outcome is [Outcome.LimitReached] with
    ///   [Limit#WALL_TIME].
    ///
    /// @param time the limit
    /// @return this builder
    public B wallTimeLimit(Duration time) {
        return limits(limits -> limits.wallTime(time));
    }

    /// Lets a run last as long as it likes.
    ///
    /// @return this builder
    public B unlimitedWallTime() {
        return limits(ResourceLimits::unlimitedWallTime);
    }

    /// Caps the time for which a run shows no sign of life: no process of it uses a processor, and
    /// nothing is written to standard output or standard error. Time for which the run is paused
    /// does not count.
    ///
    /// - **Unit:** time, > 0.
    /// - **Default:** none.
    /// - **At the limit:** the whole tree is killed; the outcome is [Outcome.LimitReached] with
    ///   [Limit#IDLE].
    /// - **Source:** `cpu.stat` of cgroups(7), `cpuacct.usage` in version 1.
    ///
    /// @param time the limit
    /// @return this builder
    public B idleTimeLimit(Duration time) {
        return limits(limits -> limits.idleTime(time));
    }

    /// Sets how much longer than [#cpuTimeLimit(Duration)] and [#wallTimeLimit(Duration)] a run may
    /// go on before it is killed, so that what it does with a little more time can be seen.
    ///
    /// - **Unit:** time, >= 0.
    /// - **Default:** 0.
    /// - **Within it:** the run is not disturbed; even if it ends by itself, the outcome is
    ///   [Outcome.LimitReached].
    ///
    /// @param time the time
    /// @return this builder
    public B extraTime(Duration time) {
        return limits(limits -> limits.extraTime(time));
    }

    /// Caps what a run writes to standard output, and separately to standard error.
    ///
    /// - **Unit:** bytes on each of the two; 0 forbids any.
    /// - **Default:** 16 MiB.
    /// - **At the limit:** the whole tree is killed; the outcome is [Outcome.LimitReached] with
    ///   [Limit#OUTPUT], and what was written up to the limit is delivered.
    ///
    /// @param size the limit
    /// @return this builder
    public B outputLimit(Bytes size) {
        return limits(limits -> limits.output(size));
    }

    /// Lets a run write as much as it likes. Captured output takes memory of the JVM.
    ///
    /// @return this builder
    public B unlimitedOutput() {
        return limits(ResourceLimits::unlimitedOutput);
    }

    /// Sets a limit of each process; [Rlimit] tells units, defaults and what the program sees.
    ///
    /// @param limit which limit
    /// @param soft what is enforced, or [RlimitValue#UNLIMITED]
    /// @param hard to what a program may raise it, or [RlimitValue#UNLIMITED]
    /// @return this builder
    public B rlimit(Rlimit limit, long soft, long hard) {
        return limits(limits -> limits.rlimit(limit, new RlimitValue(soft, hard)));
    }

    /// Sets a limit of each process, which a program cannot raise; see [#rlimit(Rlimit, long,
    /// long)].
    ///
    /// @param limit which limit
    /// @param value its value
    /// @return this builder
    public B rlimit(Rlimit limit, long value) {
        return rlimit(limit, value, value);
    }

    /// Marks limits as best effort: where the host cannot enforce one, runs start all the same, and
    /// [SandboxResult#enforced()] tells what held.
    ///
    /// Call it after the limits are set: setting one removes its mark. A mark on a limit that is
    /// not set has no effect.
    ///
    /// @param items which limits
    /// @return this builder
    public B bestEffort(LimitItem... items) {
        return limits(limits -> limits.bestEffort(items));
    }

    /// Makes limits required that are best effort, such as the defaults.
    ///
    /// @param items which limits
    /// @return this builder
    public B required(LimitItem... items) {
        return limits(limits -> limits.required(items));
    }
}
