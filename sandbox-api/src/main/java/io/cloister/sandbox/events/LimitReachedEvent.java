package io.cloister.sandbox.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// The event `cloister.LimitReached`.
@Name("cloister.LimitReached")
@Label("Sandbox Limit Reached")
@Description("A run ended for a limit of its policy")
@Category("Cloister")
@StackTrace(false)
final class LimitReachedEvent extends Event {

    static final EventType TYPE = EventType.getEventType(LimitReachedEvent.class);

    @Label("Sandbox")
    @Description("Number of the sandbox, within this JVM")
    long sandbox;

    @Label("Run")
    @Description("Number of the run, within this JVM; that of the sandbox for its first run")
    long run;

    @Label("Program")
    @Description("The program, without its arguments")
    String program = "";

    @Label("Limit")
    @Description("Which one")
    String limit = "";

    @Label("Observed")
    @Description("From what that is known")
    String observed = "";
}
