package io.cloister.sandbox.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// The event `cloister.LauncherRestart`.
@Name("cloister.LauncherRestart")
@Label("Sandbox Launcher Restart")
@Description(
        "The process that makes sandboxes had ended, and took along what it had made; another one"
                + " has taken its place")
@Category("Cloister")
@StackTrace(false)
final class LauncherRestartEvent extends Event {

    static final EventType TYPE = EventType.getEventType(LauncherRestartEvent.class);

    @Label("Pid Before")
    @Description("Of the one that ended")
    long pidBefore;

    @Label("Pid")
    @Description("Of the new one")
    long pid;

    static void record(long before, long now) {
        LauncherRestartEvent event = new LauncherRestartEvent();
        event.pidBefore = before;
        event.pid = now;
        event.commit();
    }
}
