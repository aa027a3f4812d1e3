package io.cloister.sandbox;

import io.cloister.sandbox.text.Parts;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/// What a run used, so far or at its end. What the host cannot tell is empty, never 0.
///
/// With control groups the numbers are the kernel's own for all processes of the run. Without them
/// times and counts cover the command and those of its descendants that had been waited for, and
/// the peak memory is that of the largest process. Source: cgroups(7), getrusage(2).
///
/// @param wallTime from the start of the command to the end of its last process, or to now
/// @param cpuTime processor time of all its processes
/// @param userTime processor time spent in programs
/// @param systemTime processor time spent in the kernel on their behalf
/// @param memory how much memory it has and had
/// @param minorFaults page faults that needed no input or output
/// @param majorFaults page faults that needed input or output
/// @param voluntarySwitches how often a process gave up the processor to wait
/// @param involuntarySwitches how often the processor was taken from one
/// @param processesPeak the most processes and threads at one time
/// @param processes processes and threads now
/// @param io what it moved from and to block devices; in version 1 of control groups it is counted
///   for runs that have a limit on it
/// @param throttling how a limit on processors slowed it down
/// @param pressure how long it waited for what was scarce
/// @param setUp how long its set-up took
public record ResourceUsage(
        Duration wallTime,
        Optional<Duration> cpuTime,
        Optional<Duration> userTime,
        Optional<Duration> systemTime,
        MemoryUsage memory,
        Optional<Long> minorFaults,
        Optional<Long> majorFaults,
        Optional<Long> voluntarySwitches,
        Optional<Long> involuntarySwitches,
        Optional<Long> processesPeak,
        Optional<Long> processes,
        Optional<IoUsage> io,
        Optional<Throttling> throttling,
        Optional<Pressure> pressure,
        Optional<SetUpTimes> setUp) {

    /// Refuses null, and adds up the processor time where only its parts are given.
    public ResourceUsage {
        Objects.requireNonNull(wallTime, "wallTime");
        Objects.requireNonNull(cpuTime, "cpuTime");
        Objects.requireNonNull(userTime, "userTime");
        Objects.requireNonNull(systemTime, "systemTime");
        Objects.requireNonNull(memory, "memory");
        Objects.requireNonNull(minorFaults, "minorFaults");
        Objects.requireNonNull(majorFaults, "majorFaults");
        Objects.requireNonNull(voluntarySwitches, "voluntarySwitches");
        Objects.requireNonNull(involuntarySwitches, "involuntarySwitches");
        Objects.requireNonNull(processesPeak, "processesPeak");
        Objects.requireNonNull(processes, "processes");
        Objects.requireNonNull(io, "io");
        Objects.requireNonNull(throttling, "throttling");
        Objects.requireNonNull(pressure, "pressure");
        Objects.requireNonNull(setUp, "setUp");
        if (cpuTime.isEmpty() && userTime.isPresent() && systemTime.isPresent()) {
            cpuTime = Optional.of(userTime.get().plus(systemTime.get()));
        }
    }

    /// {@return the most memory in use at one time; empty where the host cannot tell}
    public Optional<Bytes> peakMemory() {
        return memory.peak();
    }

    /// {@return a builder that knows nothing but this}
    ///
    /// @param wallTime from the start of the command to the end of its last process, or to now
    public static Builder builder(Duration wallTime) {
        return new Builder(wallTime);
    }

    /// Collects what is known of a run. For providers. Not thread-safe.
    public static final class Builder {
        private final Duration wallTime;
        private MemoryUsage memory = MemoryUsage.UNKNOWN;
        private Optional<Duration> cpuTime = Optional.empty();
        private Optional<Duration> userTime = Optional.empty();
        private Optional<Duration> systemTime = Optional.empty();
        private Optional<Long> minorFaults = Optional.empty();
        private Optional<Long> majorFaults = Optional.empty();
        private Optional<Long> voluntarySwitches = Optional.empty();
        private Optional<Long> involuntarySwitches = Optional.empty();
        private Optional<Long> processesPeak = Optional.empty();
        private Optional<Long> processes = Optional.empty();
        private Optional<IoUsage> io = Optional.empty();
        private Optional<Throttling> throttling = Optional.empty();
        private Optional<Pressure> pressure = Optional.empty();
        private Optional<SetUpTimes> setUp = Optional.empty();

        private Builder(Duration wallTime) {
            this.wallTime = Objects.requireNonNull(wallTime, "wallTime");
        }

        /// Sets how much memory it has and had.
        ///
        /// @param value the value
        /// @return this builder
        public Builder memory(MemoryUsage value) {
            memory = value;
            return this;
        }

        /// Sets processor time of all its processes; where it is not set, user and system time
        /// together.
        ///
        /// @param value the value
        /// @return this builder
        public Builder cpuTime(Duration value) {
            return cpuTime(Optional.of(value));
        }

        /// Sets processor time of all its processes; where it is not set, user and system time
        /// together.
        ///
        /// @param value the value; empty where the host cannot tell
        /// @return this builder
        public Builder cpuTime(Optional<Duration> value) {
            cpuTime = value;
            return this;
        }

        /// Sets processor time spent in programs.
        ///
        /// @param value the value
        /// @return this builder
        public Builder userTime(Duration value) {
            return userTime(Optional.of(value));
        }

        /// Sets processor time spent in programs.
        ///
        /// @param value the value; empty where the host cannot tell
        /// @return this builder
        public Builder userTime(Optional<Duration> value) {
            userTime = value;
            return this;
        }

        /// Sets processor time spent in the kernel on their behalf.
        ///
        /// @param value the value
        /// @return this builder
        public Builder systemTime(Duration value) {
            return systemTime(Optional.of(value));
        }

        /// Sets processor time spent in the kernel on their behalf.
        ///
        /// @param value the value; empty where the host cannot tell
        /// @return this builder
        public Builder systemTime(Optional<Duration> value) {
            systemTime = value;
            return this;
        }

        /// Sets page faults that needed no input or output.
        ///
        /// @param value the value
        /// @return this builder
        public Builder minorFaults(long value) {
            return minorFaults(Optional.of(value));
        }

        /// Sets page faults that needed no input or output.
        ///
        /// @param value the value; empty where the host cannot tell
        /// @return this builder
        public Builder minorFaults(Optional<Long> value) {
            minorFaults = value;
            return this;
        }

        /// Sets page faults that needed input or output.
        ///
        /// @param value the value
        /// @return this builder
        public Builder majorFaults(long value) {
            return majorFaults(Optional.of(value));
        }

        /// Sets page faults that needed input or output.
        ///
        /// @param value the value; empty where the host cannot tell
        /// @return this builder
        public Builder majorFaults(Optional<Long> value) {
            majorFaults = value;
            return this;
        }

        /// Sets how often a process gave up the processor to wait.
        ///
        /// @param value the value
        /// @return this builder
        public Builder voluntarySwitches(long value) {
            return voluntarySwitches(Optional.of(value));
        }

        /// Sets how often a process gave up the processor to wait.
        ///
        /// @param value the value; empty where the host cannot tell
        /// @return this builder
        public Builder voluntarySwitches(Optional<Long> value) {
            voluntarySwitches = value;
            return this;
        }

        /// Sets how often the processor was taken from one.
        ///
        /// @param value the value
        /// @return this builder
        public Builder involuntarySwitches(long value) {
            return involuntarySwitches(Optional.of(value));
        }

        /// Sets how often the processor was taken from one.
        ///
        /// @param value the value; empty where the host cannot tell
        /// @return this builder
        public Builder involuntarySwitches(Optional<Long> value) {
            involuntarySwitches = value;
            return this;
        }

        /// Sets the most processes and threads at one time.
        ///
        /// @param value the value
        /// @return this builder
        public Builder processesPeak(long value) {
            return processesPeak(Optional.of(value));
        }

        /// Sets the most processes and threads at one time.
        ///
        /// @param value the value; empty where the host cannot tell
        /// @return this builder
        public Builder processesPeak(Optional<Long> value) {
            processesPeak = value;
            return this;
        }

        /// Sets processes and threads now.
        ///
        /// @param value the value
        /// @return this builder
        public Builder processes(long value) {
            return processes(Optional.of(value));
        }

        /// Sets processes and threads now.
        ///
        /// @param value the value; empty where the host cannot tell
        /// @return this builder
        public Builder processes(Optional<Long> value) {
            processes = value;
            return this;
        }

        /// Sets what it moved from and to block devices.
        ///
        /// @param value the value
        /// @return this builder
        public Builder io(IoUsage value) {
            return io(Optional.of(value));
        }

        /// Sets what it moved from and to block devices.
        ///
        /// @param value the value; empty where the host cannot tell
        /// @return this builder
        public Builder io(Optional<IoUsage> value) {
            io = value;
            return this;
        }

        /// Sets how a limit on processors slowed it down.
        ///
        /// @param value the value
        /// @return this builder
        public Builder throttling(Throttling value) {
            return throttling(Optional.of(value));
        }

        /// Sets how a limit on processors slowed it down.
        ///
        /// @param value the value; empty where the host cannot tell
        /// @return this builder
        public Builder throttling(Optional<Throttling> value) {
            throttling = value;
            return this;
        }

        /// Sets how long it waited for what was scarce.
        ///
        /// @param value the value
        /// @return this builder
        public Builder pressure(Pressure value) {
            return pressure(Optional.of(value));
        }

        /// Sets how long it waited for what was scarce.
        ///
        /// @param value the value; empty where the host cannot tell
        /// @return this builder
        public Builder pressure(Optional<Pressure> value) {
            pressure = value;
            return this;
        }

        /// Sets how long its set-up took.
        ///
        /// @param value the value
        /// @return this builder
        public Builder setUp(SetUpTimes value) {
            return setUp(Optional.of(value));
        }

        /// Sets how long its set-up took.
        ///
        /// @param value the value; empty where the host cannot tell
        /// @return this builder
        public Builder setUp(Optional<SetUpTimes> value) {
            setUp = value;
            return this;
        }

        /// {@return what was collected}
        public ResourceUsage build() {
            return new ResourceUsage(
                    wallTime,
                    cpuTime,
                    userTime,
                    systemTime,
                    memory,
                    minorFaults,
                    majorFaults,
                    voluntarySwitches,
                    involuntarySwitches,
                    processesPeak,
                    processes,
                    io,
                    throttling,
                    pressure,
                    setUp);
        }
    }

    /// What is known of it, for people.
    @Override
    public String toString() {
        return Parts.measured("ResourceUsage")
                .add("wallTime", wallTime)
                .add("cpuTime", cpuTime)
                .add("userTime", userTime)
                .add("systemTime", systemTime)
                .add("memory", memory)
                .add("minorFaults", minorFaults)
                .add("majorFaults", majorFaults)
                .add("voluntarySwitches", voluntarySwitches)
                .add("involuntarySwitches", involuntarySwitches)
                .add("processesPeak", processesPeak)
                .add("processes", processes)
                .add("io", io)
                .add("throttling", throttling)
                .add("pressure", pressure)
                .add("setUp", setUp)
                .toString();
    }
}
