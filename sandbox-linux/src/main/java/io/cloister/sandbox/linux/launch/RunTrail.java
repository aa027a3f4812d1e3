package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.Units;
import io.cloister.sandbox.events.FlightRecords;
import io.cloister.sandbox.events.RunRecord;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// What is said of one run, in the log and to the flight recorder, from its request to its end.
///
/// Of a command only the program is named: arguments, environment and streams may hold secrets, and
/// messages of exceptions may quote what the policy holds, so of those it is the kind. Thread-safe.
final class RunTrail {

    private static final Logger LOG = LoggerFactory.getLogger(RunTrail.class);
    private static final String SANDBOX = "sandbox";
    private static final String RUN = "run";

    private static final AtomicLong NUMBERS = new AtomicLong();

    private final long requestedAt = System.nanoTime();
    private final long number = NUMBERS.incrementAndGet();
    private final long sandbox;
    private final String program;
    private final RunRecord record;
    private final AtomicBoolean over = new AtomicBoolean();

    private RunTrail(long sandbox, String program) {
        this.sandbox = sandbox == 0 ? number : sandbox;
        this.program = program;
        record = FlightRecords.run(this.sandbox, number, program);
    }

    /// A run in a sandbox of its own, or a sandbox that stays, is asked for.
    static RunTrail begin(Command command) {
        return new RunTrail(0, command.program());
    }

    /// A run in a sandbox that stays is asked for.
    static RunTrail within(SandboxRun session, Command command) {
        return new RunTrail(session.trail().sandbox, command.program());
    }

    /// When it was asked for, in nanoTime.
    long requestedAt() {
        return requestedAt;
    }

    /// The number of its sandbox, as log and events have it.
    long sandbox() {
        return sandbox;
    }

    /// The program is executed.
    void started() {
        record.started();
        LOG.atDebug()
                .addKeyValue(SANDBOX, sandbox)
                .addKeyValue(RUN, number)
                .addArgument(program)
                .log("{} runs");
    }

    /// The run has ended.
    void ended(SandboxResult result) {
        if (over.compareAndSet(false, true)) {
            record.ended(result);
            LOG.atDebug()
                    .addKeyValue(SANDBOX, sandbox)
                    .addKeyValue(RUN, number)
                    .addArgument(program)
                    .addArgument(result.outcome())
                    .addArgument(() -> Units.showDuration(result.usage().wallTime()))
                    .log("{} has ended: {}, wall {}");
        }
    }

    /// The program never ran, or the run was lost sight of. Whoever asked for it hears the whole.
    void failed(Throwable why) {
        if (over.compareAndSet(false, true)) {
            record.failed(why);
            LOG.atDebug()
                    .addKeyValue(SANDBOX, sandbox)
                    .addKeyValue(RUN, number)
                    .addArgument(program)
                    .addArgument(() -> kind(why))
                    .log("{} could not be run to its end: {}");
        }
    }

    private static String kind(Throwable why) {
        return why instanceof SandboxLaunchException e
                ? (e.step().label() + " failed " + e.errnoName()).strip()
                : why.getClass().getSimpleName();
    }

    /// The run has ended, and what it leaves could not be removed.
    void notCleaned(RuntimeException why) {
        LOG.atError()
                .addKeyValue(SANDBOX, sandbox)
                .addKeyValue(RUN, number)
                .setCause(why)
                .log("a run has ended, and could not be cleaned up");
    }
}
