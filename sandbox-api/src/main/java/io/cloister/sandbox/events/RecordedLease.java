package io.cloister.sandbox.events;

/// A caller of a pool that is recorded.
final class RecordedLease implements LeaseRecord {

    private final PoolLeaseEvent event = new PoolLeaseEvent();

    RecordedLease(long pool) {
        event.pool = pool;
        event.begin();
    }

    static boolean isWanted() {
        return PoolLeaseEvent.TYPE.isEnabled();
    }

    @Override
    public void ended(boolean leased) {
        event.end();
        if (event.shouldCommit()) {
            event.leased = leased;
            event.commit();
        }
    }
}
