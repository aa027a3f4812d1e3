package io.cloister.sandbox.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// The event `cloister.PoolLease`.
@Name("cloister.PoolLease")
@Label("Sandbox Pool Lease")
@Description(
        "A caller of a pool, from asking for a sandbox to having one; its duration is the waiting"
                + " time")
@Category("Cloister")
@StackTrace(false)
final class PoolLeaseEvent extends Event {

    static final EventType TYPE = EventType.getEventType(PoolLeaseEvent.class);

    @Label("Pool")
    @Description("Number of the pool, within this JVM")
    long pool;

    @Label("Leased")
    @Description("Whether it got one; else it gave up, was refused, or none could be opened")
    boolean leased;
}
