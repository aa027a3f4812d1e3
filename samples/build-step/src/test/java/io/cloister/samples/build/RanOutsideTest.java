package io.cloister.samples.build;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

class RanOutsideTest {
    @TempDir Path project;

    @Test
    void aModuleWithResultsNeedsAReportOfTheSameBuild() throws IOException {
        FileTime start = FileTime.from(Instant.now().minusSeconds(60));
        Path results = Files.createDirectories(project.resolve("module/target/surefire-reports"));
        assertThat(RanOutside.find(project, start)).isEmpty();
        Files.createFile(results.resolve("TEST-ATest.xml"));
        assertThat(RanOutside.find(project, start)).containsExactly(results);
        Path reports = Files.createDirectory(results.resolveSibling("sandbox-reports"));
        Path report = Files.createFile(reports.resolve("b-jvmRun1.json"));
        assertThat(RanOutside.find(project, start)).isEmpty();
        Files.setLastModifiedTime(report, FileTime.from(Instant.now().minusSeconds(3600)));
        assertThat(RanOutside.find(project, start)).containsExactly(results);
    }
}
