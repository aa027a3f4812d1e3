package io.cloister.sandbox.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/// The event `cloister.Launch`.
@Name("cloister.Launch")
@Label("Sandbox Launch")
@Description("From the request of a run to the execution of its program; written when the run ends")
@Category("Cloister")
@StackTrace(false)
final class LaunchEvent extends EventOfRun {

    static final EventType TYPE = EventType.getEventType(LaunchEvent.class);

    @Label("Prepare")
    @Description("Opening streams, reserving limits and sending the request")
    @Timespan
    long prepare = Unknown.NUMBER;

    @Label("Create")
    @Description("Making the first process, with its namespaces and control group")
    @Timespan
    long create = Unknown.NUMBER;

    @Label("Isolate")
    @Description("Mounts, network, identity, limits and the filter, up to the last step")
    @Timespan
    long isolate = Unknown.NUMBER;

    @Label("Execute")
    @Description("Executing the program")
    @Timespan
    long execute = Unknown.NUMBER;

    @Label("Failure")
    @Description("The step that failed and its error; empty if the program was executed")
    String failure = "";
}
