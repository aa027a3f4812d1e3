package io.cloister.sandbox.events;

import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;

/// What all events of a run say.
abstract class EventOfRun extends Event {

    @Label("Sandbox")
    @Description("Number of the sandbox, within this JVM")
    long sandbox;

    @Label("Run")
    @Description("Number of the run, within this JVM; that of the sandbox for its first run")
    long run;

    @Label("Program")
    @Description("The program, without its arguments")
    String program = "";

    /// Says the same run as another event.
    void isOf(EventOfRun other) {
        isOf(other.sandbox, other.run, other.program);
    }

    void isOf(long sandbox, long run, String program) {
        this.sandbox = sandbox;
        this.run = run;
        this.program = program;
    }
}
