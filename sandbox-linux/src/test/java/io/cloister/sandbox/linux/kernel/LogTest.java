package io.cloister.sandbox.linux.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;
import java.util.concurrent.TimeUnit;

/// What the log says of runs, and what it never says.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LogTest {

    private static final String SECRET = "hunter2-hunter2";

    /// What a JVM of its own prints.
    private static List<String> printed(String option) {
        List<String> words = Host.java(LoggedMain.class, SECRET);
        words.add(1, option);
        return Host.output(words).lines().toList();
    }

    @Test
    void aRunIsToldWithTheNumberOfItsSandboxAndNothingSecret() {
        List<String> lines = printed("-Dslf4j.provider=" + PrintedLog.class.getName());
        String runTrail = "DEBUG io.cloister.sandbox.linux.launch.RunTrail ";

        assertThat(lines)
                .anyMatch(line ->
                        line.startsWith(runTrail + "/bin/sh runs [sandbox=\"1\", run=\"1\"]"))
                .anyMatch(line ->
                        line.startsWith(runTrail + "/bin/sh has ended: Exited[code=3], wall ")
                                && line.endsWith("[sandbox=\"1\", run=\"1\"]"))
                // The command in a session has the number of that, and one of its own.
                .anyMatch(line ->
                        line.startsWith(runTrail + "/bin/sh has ended")
                                && line.endsWith("[sandbox=\"2\", run=\"3\"]"))
                .anyMatch(line -> line.startsWith(runTrail + "/does/not/exist could not be run"))
                .anyMatch(line -> line.equals("expected: SandboxLaunchException"))
                .noneMatch(line -> line.contains(SECRET))
                .noneMatch(line -> line.startsWith("WARN") || line.startsWith("ERROR"));
    }

    @Test
    void noEventClassIsLoadedWhereNobodyRecords() {
        List<String> loaded = printed("-Xlog:class+load:stdout");

        assertThat(loaded)
                .anyMatch(line -> line.contains("io.cloister.sandbox.events.FlightRecords "))
                .noneMatch(line -> line.contains("io.cloister.sandbox.events.Recorded"))
                .noneMatch(line -> line.contains("jdk.jfr.Event "));
    }

    @Test
    void anImageWithoutTheRecorderWorks() {
        assertThat(printed("--limit-modules=java.base"))
                .contains("recorder: false", "expected: SandboxLaunchException");
        assertThat(printed("-Xlog:disable"))
                .contains("recorder: true", "expected: SandboxLaunchException");
    }
}
