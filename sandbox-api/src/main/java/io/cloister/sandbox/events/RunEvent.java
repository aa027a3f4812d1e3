package io.cloister.sandbox.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/// The event `cloister.Run`.
@Name("cloister.Run")
@Label("Sandbox Run")
@Description("From the request of a run to its end")
@Category("Cloister")
@StackTrace(false)
final class RunEvent extends EventOfRun {

    static final EventType TYPE = EventType.getEventType(RunEvent.class);

    @Label("Outcome")
    @Description("exited, signalled, limit reached, policy violated, cancelled or failed")
    String outcome = "";

    @Label("Detail")
    @Description("The exit code, the signal, the limit, the system call, or what failed")
    String detail = "";

    @Label("Wall Time")
    @Description("From the start of the program to its end")
    @Timespan
    long wallTime = Unknown.NUMBER;

    @Label("CPU Time")
    @Description("Of all processes of the run")
    @Timespan
    long cpuTime = Unknown.NUMBER;

    @Label("Peak Memory")
    @Description("Of all processes of the run together")
    @DataAmount
    long peakMemory = Unknown.NUMBER;
}
