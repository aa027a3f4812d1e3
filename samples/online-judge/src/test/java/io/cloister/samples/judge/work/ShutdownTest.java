package io.cloister.samples.judge.work;

import static io.cloister.samples.judge.JudgeExtension.SUM;
import static io.cloister.samples.judge.JudgeExtension.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.samples.judge.JudgeExtension;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.store.EventLog;
import io.cloister.samples.judge.store.StoredEvent;
import io.cloister.samples.judge.store.StoredSubmission;
import io.cloister.samples.judge.store.Submissions;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.concurrent.TimeUnit;

/// What becomes of submissions when the application ends while it judges them.
@Tag("kernel")
@Timeout(120)
class ShutdownTest {
    private static final String SLOW = "import time; time.sleep(0.5); " + SUM;

    @RegisterExtension static final JudgeExtension JUDGE = new JudgeExtension("judge.grace=50ms");

    private static StoredSubmission found(long id) {
        return JUDGE.bean(Submissions.class).find(id).orElseThrow();
    }

    private static void await(long id, String kind) throws InterruptedException {
        while (!JUDGE.bean(EventLog.class).latest(id).orElseThrow().kind().equals(kind)) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    @Test
    void whatCannotEndInTimeIsHandedBackAndWhatCanIsFinished() throws Exception {
        long id = JUDGE.bean(Intake.class).submit(python(SLOW));
        await(id, "started");

        // The next one has a whole try, and finishes after it is told to end.
        JUDGE.restart("judge.grace=20s");
        await(id, "started");
        assertThat(JUDGE.bean(EventLog.class).after(id, 0))
                .extracting(StoredEvent::kind)
                .contains("retried");
        assertThat(found(id).tries()).isEqualTo(1);

        JUDGE.restart("judge.role=server");
        assertThat(found(id).verdict()).isEqualTo(Verdict.AC);
        assertThat(found(id).attempt()).isEqualTo(2);
    }
}
