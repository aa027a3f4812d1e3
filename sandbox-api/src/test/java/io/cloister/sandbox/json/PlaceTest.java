package io.cloister.sandbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.syscall.oci.SeccompProfile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class PlaceTest {
    @TempDir Path directory;

    private String message(String json) throws Exception {
        Path file = Files.writeString(directory.resolve("judge.json"), json);
        try {
            SandboxSpec.read(file);
        } catch (IllegalArgumentException e) {
            return e.getMessage().replace(directory + "/", "");
        }
        throw new AssertionError("was read");
    }

    @Test
    void aValueIsNamedByFileLineAndColumn() throws Exception {
        assertThat(
                        message(
                                "{\n"
                                        + "  \"umask\": \"022\",\n"
                                        + "  \"limits\": {\n"
                                        + "    \"memory\": \"lots\"\n"
                                        + "}}"))
                .isEqualTo(
                        "judge.json:4:15: limits.memory: expected a size such as \"256m\", was"
                                + " \"lots\"");
    }

    @Test
    void anUnknownFieldIsNamedByItsName() throws Exception {
        assertThat(message("{\n  \"limits\": {\n    \"memroy\":\n\"1m\"}}"))
                .startsWith(
                        "judge.json:3:5: limits.memroy: unknown field; did you mean \"memory\"?"
                                + " Known here: memory, memoryHigh,");
    }

    @Test
    void aSecondFieldOfTheSameNameIsNamedWithTheFirst() throws Exception {
        assertThat(message("{\"limits\": {\"pids\": 1,\n \"pids\": 2}}"))
                .isEqualTo("judge.json:2:2: limits.pids: given twice; first at line 1, column 13");
    }

    @Test
    void whatIsNotJsonIsNamedByItsPlace() throws Exception {
        assertThat(message("{\n  \"umask\": }")).startsWith("judge.json:2:12: not JSON: ");
        assertThat(message("{}\n{}"))
                .isEqualTo(
                        "judge.json:2:1: not JSON: expected the end, the value is complete before");
        assertThat(message("  ")).isEqualTo("judge.json:1:1: not JSON: there is no value");
    }

    @Test
    void aValueThatAPartOfThePolicyRefusesIsNamedToo() throws Exception {
        assertThat(message("{\n  \"hostName\": \"a b\"}")).startsWith("judge.json:2:15: hostName");
        assertThat(message("{\"limits\": {\"cpus\": 1,\n  \"cpuBurst\": \"101ms\"}}"))
                .startsWith("judge.json:2:15: limits: cpuBurst must be <= 100ms");
        assertThat(message("{\"mounts\": [\n{\"directory\": \"/d\"},\n {\"directory\": \"/d\"}]}"))
                .startsWith("judge.json:3:2: mounts[1]: ");
    }

    @Test
    void equalScalarsHavePlacesOfTheirOwn() throws Exception {
        assertThat(message("{\"proc\": {\"masked\": []},\n\"limits\": {\"io\": null}}"))
                .startsWith("judge.json:2:18: limits.io: expected an array, was null");
        assertThat(message("{\"user\": {\"uid\": 5, \"gid\": 5,\n \"groups\": [5, 5, true]}}"))
                .startsWith("judge.json:2:19: user.groups[2]: expected a whole number, was true");
    }

    @Test
    void aTextWithoutAFileIsNamedByLineAndColumn() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SeccompProfile.fromJson("{\n \"defaultAction\": 7}"))
                .withMessage("line 2, column 19: defaultAction: expected text, was 7");
    }

    @ParameterizedTest
    @CsvSource({
        "memroy,memory",
        "Memory,memory",
        "MEMORY,memory",
        "memor,memory",
        "memoryy,memory",
        "walltime,wallTime",
        "wall-time,wallTime",
        "envrionment,environment"
    })
    void aSlipIsFound(String slip, String meant) {
        assertThat(Spelling.nearest(slip, List.of("pids", "memory", "wallTime", "environment")))
                .contains(meant);
    }

    @ParameterizedTest
    @CsvSource({"bread", "x", "''", "ram"})
    void anotherWordIsNoSlip(String word) {
        assertThat(Spelling.nearest(word, List.of("pids", "memory", "io", "a"))).isEmpty();
    }

    @Test
    void aWordWithoutEndIsNoSlip() {
        assertThat(Spelling.nearest("memory".repeat(100_000), List.of("memory"))).isEmpty();
    }
}
