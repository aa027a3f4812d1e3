package io.cloister.sandbox.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// The event `cloister.Violation`.
@Name("cloister.Violation")
@Label("Sandbox Policy Violation")
@Description("A run ended for a system call that its policy forbids")
@Category("Cloister")
@StackTrace(false)
final class ViolationEvent extends EventOfRun {

    static final EventType TYPE = EventType.getEventType(ViolationEvent.class);

    @Label("System Call")
    @Description("Its name")
    String call = "";

    @Label("Argument")
    @Description("The arguments for which it is forbidden, if it is for some")
    String argument = "";
}
