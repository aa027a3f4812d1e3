package io.cloister.samples.judge.web;

import io.cloister.samples.judge.store.Channel;
import io.cloister.samples.judge.store.EventLog;
import io.cloister.samples.judge.store.Notifications;
import io.cloister.samples.judge.store.StoredEvent;
import io.cloister.samples.judge.work.JudgeProperties;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Sends events to those who follow submissions: reads what there is, sends it, and sleeps until it
/// is told that there is more. Each client has a virtual thread, and no connection to the database
/// while it sleeps.
@Component
@ConditionalOnWebApplication
class EventStreams {
    private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);

    /// Keeps the connection alive, finds clients that are gone, and makes up for a lost
    /// notification.
    private static final long PULSE_SECONDS = 10;

    private final EventLog events;
    private final Notifications notifications;
    private final Places places;
    private final Duration age;
    private final Turns turns;
    private final Set<Semaphore> sleeping = ConcurrentHashMap.newKeySet();
    private volatile boolean closing;

    EventStreams(
            EventLog events, Notifications notifications, JudgeProperties properties, Turns turns) {
        this.events = events;
        this.notifications = notifications;
        this.places = new Places(properties.streams(), properties.streamsOfClient());
        this.age = properties.streamAge();
        this.turns = turns;
    }

    /// {@return a stream of the events of a submission}
    ///
    /// @param submission its number
    /// @param after the id of the event that the client has seen last; 0 for all
    /// @param client its address
    SseEmitter open(long submission, long after, String client) {
        if (!places.take(client)) {
            throw new Problem(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "too many clients follow submissions; ask for the submission itself");
        }
        SseEmitter emitter = new SseEmitter(0L);
        Thread.startVirtualThread(() -> {
            try {
                send(emitter, submission, after);
                emitter.complete();
            } catch (IOException | IllegalStateException e) {
                LOG.debug("a client that followed submission {} is gone", submission, e);
            } catch (InterruptedException | RuntimeException e) {
                emitter.completeWithError(e);
            } finally {
                places.leave(client);
            }
        });
        return emitter;
    }

    private void send(SseEmitter emitter, long submission, long after)
            throws IOException, InterruptedException {
        Semaphore news = new Semaphore(0);
        // Clients come back by themselves, unless others have taken the place meanwhile.
        long end = System.nanoTime() + age.toNanos();
        sleeping.add(news);
        try (var _ =
                notifications.listen(Channel.EVENTS, Long.toString(submission), news::release)) {
            long last = after;
            while (!closing && System.nanoTime() < end) {
                news.drainPermits();
                List<StoredEvent> batch = read(submission, last);
                for (StoredEvent event : batch) {
                    emitter.send(
                            SseEmitter.event()
                                    .id(Long.toString(event.id()))
                                    .name(event.kind())
                                    .data(event.body(), MediaType.APPLICATION_JSON));
                    last = event.id();
                }
                if (!batch.isEmpty() && batch.getLast().isVerdict()) {
                    return;
                }
                if (batch.isEmpty() && !news.tryAcquire(PULSE_SECONDS, TimeUnit.SECONDS)) {
                    emitter.send(SseEmitter.event().comment("nothing new"));
                }
            }
        } finally {
            sleeping.remove(news);
        }
    }

    private List<StoredEvent> read(long submission, long after) throws InterruptedException {
        turns.acquire();
        try {
            return events.after(submission, after);
        } finally {
            turns.release();
        }
    }

    /// Ends all streams, for which the web server would wait; clients come back to another one.
    @EventListener
    void end(ContextClosedEvent event) {
        closing = true;
        sleeping.forEach(Semaphore::release);
    }
}
