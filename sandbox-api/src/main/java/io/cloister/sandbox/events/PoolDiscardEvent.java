package io.cloister.sandbox.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// The event `cloister.PoolDiscard`.
@Name("cloister.PoolDiscard")
@Label("Sandbox Pool Discard")
@Description("A sandbox of a pool is not used again")
@Category("Cloister")
@StackTrace(false)
final class PoolDiscardEvent extends Event {

    static final EventType TYPE = EventType.getEventType(PoolDiscardEvent.class);

    @Label("Pool")
    @Description("Number of the pool, within this JVM")
    long pool;

    @Label("Reason")
    @Description("What differed, without names, or why else; the statistics of the pool have more")
    String reason = "";

    static void record(long pool, String reason) {
        PoolDiscardEvent event = new PoolDiscardEvent();
        event.pool = pool;
        event.reason = reason;
        event.commit();
    }
}
