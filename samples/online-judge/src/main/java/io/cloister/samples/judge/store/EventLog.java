package io.cloister.samples.judge.store;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

import tools.jackson.databind.json.JsonMapper;

import java.util.List;
import java.util.Optional;

/// What happened to submissions. Whoever waits for events of a submission is told of each when it
/// is committed, in whatever JVM.
@Repository
public class EventLog {
    private static final String COLUMNS = "select id, kind, body from event where submission = ";

    private final JdbcClient database;
    private final JsonMapper json;

    EventLog(JdbcClient database, JsonMapper json) {
        this.database = database;
        this.json = json;
    }

    /// The caller holds the lock of the submission's row.
    void append(Job job, int attempt, Event event) {
        database.sql(
                        "insert into event (submission, round, attempt, kind, body)"
                                + " values (?, ?, ?, ?, ?)")
                .params(
                        job.submission(),
                        job.round(),
                        attempt,
                        Event.name(event.getClass()),
                        json.writeValueAsString(event))
                .update();
        Notifications.send(database, Channel.EVENTS, Long.toString(job.submission()));
    }

    /// {@return the events of a submission after one of them, in order; at most 500}
    ///
    /// @param submission its number
    /// @param after the id of the event; 0 for all
    public List<StoredEvent> after(long submission, long after) {
        return database.sql(COLUMNS + "? and id > ? order by id limit 500")
                .params(submission, after)
                .query(StoredEvent.class)
                .list();
    }

    /// {@return the latest event of a submission}
    ///
    /// @param submission its number
    public Optional<StoredEvent> latest(long submission) {
        return database.sql(COLUMNS + "? order by id desc limit 1")
                .params(submission)
                .query(StoredEvent.class)
                .optional();
    }

    /// {@return the verdict that counts}
    ///
    /// @param submission its number
    public Optional<Event.Judged> verdict(long submission) {
        return last(of(submission, Event.Judged.class, "e.round = s.judged"));
    }

    /// {@return why the latest attempt that came to nothing did, in the round that is the latest}
    ///
    /// @param submission its number
    public Optional<Event.Retried> retried(long submission) {
        return last(of(submission, Event.Retried.class, "e.round = s.round"));
    }

    /// {@return the tests of the latest attempt at a submission, in order}
    ///
    /// @param submission its number
    public List<Event.Tested> tests(long submission) {
        return of(submission, Event.Tested.class, "e.attempt = s.attempt");
    }

    private static <E> Optional<E> last(List<E> events) {
        return events.stream().reduce((first, second) -> second);
    }

    private <E extends Event> List<E> of(long submission, Class<E> kind, String which) {
        return database.sql(
                        "select e.body from event e join submission s on s.id = e.submission and "
                                + which
                                + " where s.id = ? and e.kind = ? order by e.id")
                .params(submission, Event.name(kind))
                .query((row, number) -> json.readValue(row.getString(1), kind))
                .list();
    }
}
