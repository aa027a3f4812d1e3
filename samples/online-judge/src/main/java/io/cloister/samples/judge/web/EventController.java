package io.cloister.samples.judge.web;

import io.cloister.samples.judge.store.EventLog;
import io.cloister.samples.judge.store.StoredEvent;
import io.cloister.samples.judge.store.Submissions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;

import jakarta.servlet.http.HttpServletRequest;

import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/// What happens to a submission, while it happens.
@RestController
@ConditionalOnWebApplication
@Tag(name = "submissions")
class EventController {
    private final Submissions submissions;
    private final EventLog events;
    private final EventStreams streams;

    EventController(Submissions submissions, EventLog events, EventStreams streams) {
        this.submissions = submissions;
        this.events = events;
        this.streams = streams;
    }

    @GetMapping(path = "/submissions/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Operation(
            summary = "Follow a submission",
            description =
                    """
                    Server-sent events: queued, started, compiling, compiled, tested (once per test), \
                    retried, judged. The stream ends with the verdict, or after a while. Who sends the id of an event \
                    as Last-Event-ID gets those after it, from whatever server.\
                    """)
    @ApiResponse(responseCode = "200", description = "The events")
    @ApiResponse(responseCode = "204", description = "There will be none after Last-Event-ID")
    @ApiResponse(responseCode = "404", description = "There is no such submission")
    @ApiResponse(responseCode = "503", description = "Too many clients follow submissions")
    ResponseEntity<SseEmitter> follow(
            @PathVariable long id,
            @RequestHeader(name = "Last-Event-ID", defaultValue = "0") long after,
            HttpServletRequest request) {
        submissions.find(id).orElseThrow(() -> SubmissionController.missing(id));
        // A client that the stream has ended for comes back, unless it is told that all is said.
        if (events.latest(id).filter(last -> isAllSaid(last, after)).isPresent()) {
            return ResponseEntity.noContent().build();
        }
        return ResponseEntity.ok(streams.open(id, after, request.getRemoteAddr()));
    }

    private static boolean isAllSaid(StoredEvent last, long after) {
        return last.isVerdict() && last.id() <= after;
    }
}
