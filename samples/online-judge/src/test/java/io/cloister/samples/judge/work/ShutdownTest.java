package io.cloister.samples.judge.work;

import static io.cloister.samples.judge.JudgeExtension.SUM;
import static io.cloister.samples.judge.JudgeExtension.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.samples.judge.TestApplication;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.store.EventLog;
import io.cloister.samples.judge.store.StoredEvent;
import io.cloister.samples.judge.store.Submissions;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// What becomes of submissions when the application ends while it judges them.
@Tag("kernel")
@Timeout(120)
class ShutdownTest {
    private static final String SLOW = "import time; time.sleep(0.5); " + SUM;

    @TempDir Path directory;

    private ConfigurableApplicationContext start(String grace) {
        return TestApplication.start(
                "judge.database.directory=" + directory.resolve("database"),
                "judge.grace=" + grace);
    }

    private static StoredEvent last(ConfigurableApplicationContext judge, long id) {
        return judge.getBean(EventLog.class).latest(id).orElseThrow();
    }

    private static void await(ConfigurableApplicationContext judge, long id, String kind)
            throws InterruptedException {
        while (!last(judge, id).kind().equals(kind)) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    @Test
    void whatCannotEndInTimeIsHandedBackAndWhatCanIsFinished() throws Exception {
        long id;
        try (ConfigurableApplicationContext judge = start("50ms")) {
            id = judge.getBean(Intake.class).submit(python(SLOW));
            await(judge, id, "started");
        }
        // The next one has a whole try, and finishes after it is told to end.
        try (ConfigurableApplicationContext judge = start("20s")) {
            await(judge, id, "started");
            assertThat(judge.getBean(EventLog.class).after(id, 0))
                    .extracting(StoredEvent::kind)
                    .contains("retried");
            assertThat(judge.getBean(Submissions.class).find(id).orElseThrow().tries())
                    .isEqualTo(1);
        }
        try (ConfigurableApplicationContext judge = start("20s")) {
            assertThat(judge.getBean(Submissions.class).find(id).orElseThrow().verdict())
                    .isEqualTo(Verdict.AC);
            assertThat(judge.getBean(Submissions.class).find(id).orElseThrow().attempt())
                    .isEqualTo(2);
        }
    }
}
