package io.cloister.samples.judge.store;

import static io.cloister.samples.judge.JudgeExtension.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.judge.JudgeExtension;
import io.cloister.samples.judge.engine.Judgement;
import io.cloister.samples.judge.engine.TestResult;
import io.cloister.samples.judge.engine.Verdict;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/// Who may write about a submission, and what is written.
@Tag("kernel")
@Timeout(120)
class SubmissionsTest {
    @RegisterExtension static final JudgeExtension JUDGE = new JudgeExtension("judge.role=server");

    private final Submissions submissions = JUDGE.bean(Submissions.class);
    private final EventLog events = JUDGE.bean(EventLog.class);

    private static Judgement judgement(Verdict verdict) {
        return new Judgement(verdict, "", Duration.ofMillis(7), 42, "", List.of());
    }

    private static TestResult test(int number) {
        return new TestResult(
                number, "t" + number, Verdict.AC, Duration.ZERO, Duration.ZERO, 1, "");
    }

    private Claim claim(Job job, String worker) {
        return submissions.claim(job, worker).orElseThrow();
    }

    private List<String> kinds(Job job) {
        return events.after(job.submission(), 0).stream().map(StoredEvent::kind).toList();
    }

    @Test
    void aWorkerTellsOfTestsAndGivesTheVerdict() {
        Job job = submissions.add(python(""));
        Claim claim = claim(job, "a");
        submissions.append(claim, test(1), 2);
        submissions.append(claim, test(2), 2);
        submissions.judge(claim, judgement(Verdict.AC));

        assertThat(kinds(job)).containsExactly("queued", "started", "tested", "tested", "judged");
        assertThat(events.tests(job.submission())).extracting(Event.Tested::number).contains(1, 2);
        assertThat(events.verdict(job.submission()))
                .contains(new Event.Judged(Verdict.AC, "", 7, 42, "", 0, "a"));
        assertThat(submissions.find(job.submission()).orElseThrow().verdict())
                .isEqualTo(Verdict.AC);
    }

    @Test
    void aWorkerThatComesBackLateWritesNothing() {
        Job job = submissions.add(python(""));
        Claim late = claim(job, "late");
        submissions.append(late, test(1), 2);
        Claim next = claim(job, "next");

        assertThatThrownBy(() -> submissions.append(late, test(2), 2))
                .isInstanceOf(SupersededException.class)
                .hasMessage(
                        "attempt 1 of late at submission %d is no longer the latest, or it is"
                                + " judged already",
                        job.submission());
        assertThatThrownBy(() -> submissions.judge(late, judgement(Verdict.WA)))
                .isInstanceOf(SupersededException.class);
        assertThatThrownBy(() -> submissions.giveBack(late, ""))
                .isInstanceOf(SupersededException.class);
        // What it said before no longer counts.
        assertThat(events.tests(job.submission())).isEmpty();

        submissions.judge(next, judgement(Verdict.AC));
        assertThatThrownBy(() -> submissions.judge(late, judgement(Verdict.WA)))
                .isInstanceOf(SupersededException.class);
        assertThat(kinds(job)).containsExactly("queued", "started", "tested", "started", "judged");
    }

    @Test
    void aWorkerThatIsLateButNotReplacedGivesTheVerdict() {
        Job job = submissions.add(python(""));
        Claim late = claim(job, "late");
        submissions.retry(job, "it has fallen silent");
        submissions.judge(late, judgement(Verdict.WA));

        assertThat(submissions.claim(job, "next")).isEmpty();
        assertThat(submissions.find(job.submission()).orElseThrow().verdict())
                .isEqualTo(Verdict.WA);
    }

    @Test
    void ofManyWhoJudgeAtOnceOneDoes() throws Exception {
        Job job = submissions.add(python(""));
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> given;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            given =
                    IntStream.range(0, 8)
                            .mapToObj(i ->
                                    threads.submit(() -> {
                                        start.await();
                                        Optional<Claim> claim =
                                                submissions.claim(job, "worker " + i);
                                        TimeUnit.MILLISECONDS.sleep(i);
                                        return claim.isPresent() && judged(claim.get());
                                    }))
                            .toList();
            start.countDown();
        }
        assertThat(given.stream().filter(Future::resultNow)).hasSize(1);
        assertThat(kinds(job)).filteredOn("judged"::equals).hasSize(1);
    }

    private boolean judged(Claim claim) {
        try {
            submissions.judge(claim, judgement(Verdict.AC));
            return true;
        } catch (SupersededException e) {
            return false;
        }
    }

    @Test
    void theDatabaseItselfRefusesASecondVerdict() {
        Job job = submissions.add(python(""));
        submissions.judge(claim(job, "a"), judgement(Verdict.AC));
        JdbcClient database = JUDGE.bean(JdbcClient.class);

        assertThatThrownBy(() ->
                        database.sql(
                                        "insert into event (submission, round, attempt, kind, body)"
                                                + " values (?, 1, 9, 'judged', '{}')")
                                .params(job.submission())
                                .update())
                .isInstanceOf(DuplicateKeyException.class)
                .hasMessageContaining("one_verdict");
    }

    @Test
    void aRejudgeIsARoundOfItsOwn() {
        Job first = submissions.add(python(""));
        Claim old = claim(first, "old");
        assertThat(submissions.reopen(first.submission())).isEmpty();
        submissions.judge(old, judgement(Verdict.WA));

        Job second = submissions.reopen(first.submission()).orElseThrow();
        assertThat(second).isEqualTo(new Job(first.submission(), 2));
        // The old verdict counts until there is a new one.
        assertThat(submissions.find(first.submission()).orElseThrow().isJudged()).isFalse();
        assertThat(submissions.find(first.submission()).orElseThrow().verdict())
                .isEqualTo(Verdict.WA);
        assertThat(events.verdict(first.submission()).orElseThrow().verdict())
                .isEqualTo(Verdict.WA);
        assertThatThrownBy(() -> submissions.judge(old, judgement(Verdict.WA)))
                .isInstanceOf(SupersededException.class);
        assertThat(submissions.claim(first, "old")).isEmpty();

        Claim claim = claim(second, "new");
        assertThat(claim.tries()).isEqualTo(1);
        submissions.judge(claim, judgement(Verdict.AC));
        assertThat(kinds(first)).filteredOn("judged"::equals).hasSize(2);
        assertThat(events.verdict(first.submission()).orElseThrow().verdict())
                .isEqualTo(Verdict.AC);
    }

    @Test
    void whatIsGivenBackIsNoTry() {
        Job job = submissions.add(python(""));
        submissions.giveBack(claim(job, "a"), "the worker was stopped");
        assertThat(claim(job, "b").tries()).isEqualTo(1);
        assertThat(claim(job, "c").tries()).isEqualTo(2);
    }

    @Test
    void pagesGoFromNewToOld() {
        Job older = submissions.add(python(""));
        Job newer = submissions.add(python(""));
        assertThat(submissions.before(Long.MAX_VALUE, 2))
                .extracting(StoredSubmission::id)
                .containsExactly(newer.submission(), older.submission());
        assertThat(submissions.before(newer.submission(), 1))
                .extracting(StoredSubmission::id)
                .containsExactly(older.submission());
    }

    @Test
    void whoListensIsToldWhenTheEventIsCommitted() throws Exception {
        Job job = submissions.add(python(""));
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch other = new CountDownLatch(1);
        Notifications notifications = JUDGE.bean(Notifications.class);
        String id = Long.toString(job.submission());
        try (var _ = notifications.listen(Channel.EVENTS, id, told::countDown);
                var _ = notifications.listen(Channel.EVENTS, id + "0", other::countDown)) {
            claim(job, "a");
            assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(other.getCount()).isEqualTo(1);
        }
    }
}
