package io.cloister.sandbox.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
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
final class LimitReachedEvent extends EventOfRun {

    static final EventType TYPE = EventType.getEventType(LimitReachedEvent.class);

    @Label("Limit")
    @Description("Which one")
    String limit = "";

    @Label("Observed")
    @Description("From what that is known")
    String observed = "";
}
