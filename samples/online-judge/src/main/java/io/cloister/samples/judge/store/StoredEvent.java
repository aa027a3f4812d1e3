package io.cloister.samples.judge.store;

/// An event as it is stored.
///
/// @param id grows with each event of a submission
/// @param kind its name; see [Event#name]
/// @param body the event as JSON, on one line
public record StoredEvent(long id, String kind, String body) {

    /// {@return whether it is a verdict}
    public boolean isVerdict() {
        return kind.equals(Event.name(Event.Judged.class));
    }
}
