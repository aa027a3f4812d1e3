package io.cloister.sandbox.events;

import io.cloister.sandbox.SandboxResult;

import jdk.jfr.FlightRecorder;

/// Where events begin. Each method costs a look at a flag, and allocates nothing, while nobody
/// records; thread-safe.
public final class FlightRecords {

    /// A runtime image may lack the module, and a program that is started as modules may leave it
    /// out (`--add-modules jdk.jfr`).
    private static final boolean PRESENT =
            ModuleLayer.boot()
                    .findModule("jdk.jfr")
                    .filter(FlightRecords.class.getModule()::canRead)
                    .isPresent();

    private static final RunRecord NO_RUN =
            new RunRecord() {
                @Override
                public void started() {}

                @Override
                public void ended(SandboxResult result) {}

                @Override
                public void failed(Throwable why) {}
            };

    private static final LeaseRecord NO_LEASE = _ -> {};

    private FlightRecords() {}

    /// Nothing of the recorder is touched before somebody else has started it.
    private static boolean isRecorderThere() {
        return PRESENT && FlightRecorder.isInitialized();
    }

    /// A run is asked for.
    ///
    /// @param sandbox the number of its sandbox
    /// @param run its own number
    /// @param program the program, without its arguments
    /// @return what is told of its course
    public static RunRecord run(long sandbox, long run, String program) {
        return isRecorderThere() && RecordedRun.isWanted()
                ? new RecordedRun(sandbox, run, program)
                : NO_RUN;
    }

    /// A caller asks a pool for a sandbox.
    ///
    /// @param pool the number of the pool
    /// @return what is told of its end
    public static LeaseRecord lease(long pool) {
        return isRecorderThere() && RecordedLease.isWanted() ? new RecordedLease(pool) : NO_LEASE;
    }

    /// A sandbox of a pool is not used again.
    ///
    /// @param pool the number of the pool
    /// @param reason why
    public static void discarded(long pool, String reason) {
        if (isRecorderThere() && PoolDiscardEvent.TYPE.isEnabled()) {
            PoolDiscardEvent.record(pool, reason);
        }
    }

    /// The process that makes sandboxes had ended, and another one has taken its place.
    ///
    /// @param before the pid of the one that ended
    /// @param now the pid of the new one
    public static void launcherRestarted(long before, long now) {
        if (isRecorderThere() && LauncherRestartEvent.TYPE.isEnabled()) {
            LauncherRestartEvent.record(before, now);
        }
    }
}
