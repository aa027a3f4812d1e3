package io.cloister.sandbox.events;

import io.cloister.sandbox.Evidence;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxResult;

/// A run that is recorded.
final class RecordedRun implements RunRecord {

    private final LaunchEvent launch = new LaunchEvent();
    private final RunEvent whole = new RunEvent();
    private boolean isStarted;
    private boolean isOver;

    RecordedRun(long sandbox, long run, String program) {
        launch.isOf(sandbox, run, program);
        whole.isOf(launch);
        launch.begin();
        whole.begin();
    }

    static boolean isWanted() {
        return LaunchEvent.TYPE.isEnabled()
                || RunEvent.TYPE.isEnabled()
                || LimitReachedEvent.TYPE.isEnabled()
                || ViolationEvent.TYPE.isEnabled();
    }

    @Override
    public synchronized void started() {
        if (!isStarted) {
            isStarted = true;
            launch.end();
        }
    }

    @Override
    public synchronized void ended(SandboxResult result) {
        if (isOver) {
            return;
        }
        isOver = true;
        whole.end();
        started();
        result.usage()
                .setUp()
                .ifPresent(times -> {
                    launch.prepare = times.prepare().toNanos();
                    launch.create = times.create().toNanos();
                    launch.isolate = times.isolate().toNanos();
                    launch.execute = times.execute().toNanos();
                });
        launch.commit();
        whole.outcome = name(result.outcome());
        whole.detail = detail(result.outcome());
        whole.wallTime = result.usage().wallTime().toNanos();
        whole.cpuTime = Unknown.nanos(result.usage().cpuTime());
        whole.peakMemory = Unknown.bytes(result.usage().peakMemory());
        whole.commit();
        switch (result.outcome()) {
            case Outcome.LimitReached(var limit) -> {
                LimitReachedEvent event = new LimitReachedEvent();
                event.isOf(whole);
                event.limit = limit.name();
                event.observed =
                        result.evidence().stream().findFirst().map(Evidence::toString).orElse("");
                event.commit();
            }
            case Outcome.PolicyViolated(String call) -> {
                ViolationEvent event = new ViolationEvent();
                event.isOf(whole);
                int bracket = call.endsWith(")") ? call.indexOf("(arg") : -1;
                event.call = bracket < 0 ? call : call.substring(0, bracket);
                event.argument = bracket < 0 ? "" : call.substring(bracket + 1, call.length() - 1);
                event.commit();
            }
            default -> {}
        }
    }

    @Override
    public synchronized void failed(Throwable why) {
        if (isOver) {
            return;
        }
        isOver = true;
        whole.end();
        String kind = kind(why);
        if (!isStarted) {
            launch.end();
            launch.failure = kind;
        }
        launch.commit();
        whole.outcome = "failed";
        whole.detail = kind;
        whole.commit();
    }

    private static String name(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Exited _ -> "exited";
            case Outcome.Signalled _ -> "signalled";
            case Outcome.LimitReached _ -> "limit reached";
            case Outcome.PolicyViolated _ -> "policy violated";
            case Outcome.Cancelled _ -> "cancelled";
        };
    }

    private static String detail(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Exited(int code) -> Integer.toString(code);
            case Outcome.Signalled(var signal) -> signal.toString();
            case Outcome.LimitReached(var limit) -> limit.name();
            case Outcome.PolicyViolated(String call) -> call;
            case Outcome.Cancelled _ -> "";
        };
    }

    private static String kind(Throwable why) {
        return why instanceof SandboxLaunchException e
                ? (e.step().label() + " " + e.errnoName()).strip()
                : why.getClass().getSimpleName();
    }
}
