package io.cloister.samples.build.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class StepGraphTest {
    @TempDir Path directory;

    private static Step step(List<String> needs, String... outputs) {
        return new Step(
                List.of("true"),
                List.of(),
                needs,
                List.of(outputs),
                Map.of(),
                List.of(),
                StepLimits.DEFAULT);
    }

    @Test
    void whatIsNeededComesFirstAndWhatIsNotIsLeftOut() {
        Map<String, Step> steps = new LinkedHashMap<>();
        steps.put("link", step(List.of("compile")));
        steps.put("compile", step(List.of()));
        steps.put("docs", step(List.of()));
        assertThat(StepGraph.of(steps, List.of("link")).ordered().keySet())
                .containsExactly("compile", "link");
        assertThat(StepGraph.of(steps, List.of()).ordered().keySet())
                .containsExactly("compile", "link", "docs");
    }

    @Test
    void aCircleIsNamed() {
        Map<String, Step> steps =
                Map.of("a", step(List.of("b")), "b", step(List.of("c")), "c", step(List.of("b")));
        assertThatThrownBy(() -> StepGraph.of(steps, List.of("a")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("b -> c -> b");
    }

    @Test
    void aStepThatIsMissingIsNamed() {
        assertThatThrownBy(() -> StepGraph.of(Map.of("a", step(List.of("x"))), List.of()))
                .hasMessageContaining("a needs a step called \"x\"");
    }

    @Test
    void twoStepsDoNotMakeTheSame() {
        Map<String, Step> steps = new LinkedHashMap<>();
        steps.put("a", step(List.of(), "out"));
        steps.put("b", step(List.of(), "out/x"));
        assertThatThrownBy(() -> StepGraph.of(steps, List.of()))
                .hasMessageContaining("b makes out/x");
        steps.put("b", step(List.of(), "outside"));
        assertThat(StepGraph.of(steps, List.of()).ordered()).hasSize(2);
    }

    @Test
    void pathsThatLeadOutAreRefused() {
        for (String path : List.of("../x", "/x", "a/../../x", "")) {
            assertThatThrownBy(() -> step(List.of(), path))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("outputs must be relative");
        }
    }

    @Test
    void jsonAndYamlSayTheSame() throws IOException {
        Path json = directory.resolve("steps.json");
        Files.writeString(
                json, "{\"steps\": {\"a\": {\"command\": [\"make\"], \"outputs\": [\"x\"]}}}");
        Path yaml = directory.resolve("steps.yaml");
        Files.writeString(yaml, "steps:\n  a:\n    command: [make]\n    outputs:\n      - x\n");
        assertThat(StepFile.read(json)).isEqualTo(StepFile.read(yaml));
        assertThat(StepFile.read(json).steps().get("a").command()).containsExactly("make");
    }

    @Test
    void aWordThatMeansNothingIsRefused() throws IOException {
        Path json = directory.resolve("steps.json");
        Files.writeString(json, "{\"steps\": {\"a\": {\"command\": [\"make\"], \"ouputs\": []}}}");
        assertThatThrownBy(() -> StepFile.read(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ouputs");
    }

    @Test
    void theKeyDependsOnEachPart() {
        Step step = step(List.of(), "out");
        InputFile input = new InputFile("a", false, "1");
        String key = StepKey.of(step, List.of(input), Map.of("/t", "1"), "p");
        assertThat(StepKey.of(step(List.of(), "out"), List.of(input), Map.of("/t", "1"), "p"))
                .isEqualTo(key);
        assertThat(
                        List.of(
                                StepKey.of(
                                        step(List.of(), "other"),
                                        List.of(input),
                                        Map.of("/t", "1"),
                                        "p"),
                                StepKey.of(step, List.of(), Map.of("/t", "1"), "p"),
                                StepKey.of(
                                        step,
                                        List.of(new InputFile("b", false, "1")),
                                        Map.of("/t", "1"),
                                        "p"),
                                StepKey.of(
                                        step,
                                        List.of(new InputFile("a", true, "1")),
                                        Map.of("/t", "1"),
                                        "p"),
                                StepKey.of(
                                        step,
                                        List.of(new InputFile("a", false, "2")),
                                        Map.of("/t", "1"),
                                        "p"),
                                StepKey.of(step, List.of(input), Map.of("/t", "2"), "p"),
                                StepKey.of(step, List.of(input), Map.of("/t", "1"), "q")))
                .doesNotContain(key)
                .doesNotHaveDuplicates();
    }
}
