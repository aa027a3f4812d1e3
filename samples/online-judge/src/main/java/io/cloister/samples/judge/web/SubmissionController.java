package io.cloister.samples.judge.web;

import io.cloister.samples.judge.store.EventLog;
import io.cloister.samples.judge.store.StoredSubmission;
import io.cloister.samples.judge.store.Submissions;
import io.cloister.samples.judge.work.Intake;
import io.cloister.samples.judge.work.QueueFullException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

import java.net.URI;
import java.util.List;

/// Takes submissions, and tells of them.
@RestController
@ConditionalOnWebApplication
@RequestMapping("/submissions")
@Tag(name = "submissions", description = "Programs that are judged")
class SubmissionController {
    private static final int LARGEST_PAGE = 100;

    private final Submissions submissions;
    private final EventLog events;
    private final Intake intake;
    private final SubmissionCheck check;
    private final Administrator administrator;

    SubmissionController(
            Submissions submissions,
            EventLog events,
            Intake intake,
            SubmissionCheck check,
            Administrator administrator) {
        this.submissions = submissions;
        this.events = events;
        this.intake = intake;
        this.check = check;
        this.administrator = administrator;
    }

    @PostMapping
    @Operation(
            summary = "Send a program",
            description = "It is judged as soon as a worker is free; follow its events meanwhile.")
    @ApiResponse(responseCode = "201", description = "Stored; Location names it")
    @ApiResponse(responseCode = "400", description = "A field is missing, or this is no JSON")
    @ApiResponse(responseCode = "413", description = "The source is too long")
    @ApiResponse(
            responseCode = "422",
            description =
                    "There is no such problem or language; `known` lists those that there are")
    @ApiResponse(responseCode = "503", description = "Too many submissions wait")
    ResponseEntity<SubmissionView> submit(@RequestBody SubmissionRequest request) {
        long id;
        try {
            id = intake.submit(check.check(request));
        } catch (QueueFullException e) {
            throw new Problem(HttpStatus.SERVICE_UNAVAILABLE, e.getMessage());
        }
        return ResponseEntity.created(URI.create("/submissions/" + id))
                .body(SubmissionView.of(stored(id)));
    }

    @GetMapping
    @Operation(summary = "List submissions", description = "Newest first, a page at a time.")
    SubmissionPage list(
            @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before,
            @RequestParam(defaultValue = "20") int limit) {
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw new Problem(
                    HttpStatus.BAD_REQUEST,
                    "limit must be from 1 to %d, and is %d".formatted(LARGEST_PAGE, limit));
        }
        List<SubmissionView> page =
                submissions.before(before, limit).stream().map(SubmissionView::of).toList();
        return new SubmissionPage(
                page,
                page.size() < limit
                        ? null
                        : "/submissions?before=%d&limit=%d".formatted(page.getLast().id(), limit));
    }

    @GetMapping("/{id}")
    @Operation(summary = "Show a submission", description = "With its source and results so far.")
    @ApiResponse(responseCode = "404", description = "There is no such submission")
    SubmissionDetails show(@PathVariable long id) {
        StoredSubmission stored = stored(id);
        return new SubmissionDetails(
                SubmissionView.of(stored),
                submissions.source(id).orElseThrow(() -> missing(id)),
                stored.round(),
                events.tests(id),
                events.verdict(id).orElse(null));
    }

    @PostMapping("/{id}/rejudge")
    @Operation(
            summary = "Judge a submission again",
            description =
                    "After all submissions that wait for their first verdict. The verdict that"
                            + " it has counts until then. For the administrator.")
    @ApiResponse(responseCode = "202", description = "It will be judged again")
    @ApiResponse(responseCode = "401", description = "The administrator's token is missing")
    @ApiResponse(responseCode = "404", description = "There is no such submission")
    @ApiResponse(responseCode = "409", description = "It has no verdict yet, or waits for one")
    ResponseEntity<SubmissionView> rejudge(
            @PathVariable long id,
            @Parameter(hidden = true) @RequestHeader(name = "Authorization", required = false)
                    @Nullable String authorization) {
        administrator.check(authorization);
        stored(id);
        if (!intake.rejudge(id)) {
            throw new Problem(
                    HttpStatus.CONFLICT, "submission %d waits for a verdict".formatted(id));
        }
        return ResponseEntity.accepted().body(SubmissionView.of(stored(id)));
    }

    private StoredSubmission stored(long id) {
        return submissions.find(id).orElseThrow(() -> missing(id));
    }

    static Problem missing(long id) {
        return new Problem(HttpStatus.NOT_FOUND, "there is no submission %d".formatted(id));
    }
}
