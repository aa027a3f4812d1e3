package io.cloister.samples.build.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

    private static Step running(List<String> command, Map<String, String> environment) {
        return new Step(
                command,
                List.of(),
                List.of(),
                List.of("out"),
                environment,
                List.of(),
                StepLimits.DEFAULT);
    }

    @Test
    void theKeyDependsOnEachPart() {
        Step step = running(List.of("ab", "c"), Map.of("N", "1"));
        List<InputFile> inputs = List.of(new InputFile("a", false, "1"));
        Map<String, String> tools = Map.of("/t", "1");
        String key = StepKey.of(step, inputs, tools, "p", "h");
        Step equal = running(List.of("ab", "c"), Map.of("N", "1"));
        assertThat(StepKey.of(equal, inputs, tools, "p", "h")).isEqualTo(key);

        List<String> others = new ArrayList<>();
        for (Step other :
                List.of(
                        step(List.of(), "other"),
                        running(List.of("ab", "d"), Map.of("N", "1")),
                        running(List.of("a", "bc"), Map.of("N", "1")),
                        running(List.of("ab", "c"), Map.of()),
                        running(List.of("ab", "c"), Map.of("N", "2")),
                        running(List.of("ab", "c"), Map.of("N1", "")))) {
            others.add(StepKey.of(other, inputs, tools, "p", "h"));
        }
        for (InputFile input :
                List.of(
                        new InputFile("b", false, "1"),
                        new InputFile("a", true, "1"),
                        new InputFile("a", false, "2"))) {
            others.add(StepKey.of(step, List.of(input), tools, "p", "h"));
        }
        others.add(StepKey.of(step, List.of(), tools, "p", "h"));
        others.add(StepKey.of(step, inputs, Map.of("/t", "2"), "p", "h"));
        others.add(StepKey.of(step, inputs, tools, "q", "h"));
        others.add(StepKey.of(step, inputs, tools, "p", "i"));
        others.add(StepKey.of(step, inputs, tools, "ph", ""));
        assertThat(others).doesNotContain(key).doesNotHaveDuplicates();
    }

    private static Step reading(List<String> inputs, List<String> needs, String output) {
        return new Step(
                List.of("true"),
                inputs,
                needs,
                List.of(output),
                Map.of(),
                List.of(),
                StepLimits.DEFAULT);
    }

    @Test
    void aStepDoesNotReplaceItsInputs() {
        for (String input : List.of("src", "src/*.c", "src/a.c", "s*")) {
            Map<String, Step> steps = Map.of("a", reading(List.of(input), List.of(), "src"));
            assertThatThrownBy(() -> StepGraph.of(steps, List.of()))
                    .hasMessageContaining("among its inputs");
        }
        Map<String, Step> beside = Map.of("a", reading(List.of("*.c", "src"), List.of(), "a.o"));
        assertThat(StepGraph.of(beside, List.of()).ordered()).hasSize(1);
    }

    @Test
    void anInputThatAStepMakesNeedsThatStep() {
        Map<String, Step> steps = new LinkedHashMap<>();
        steps.put("a", step(List.of(), "out"));
        steps.put("b", reading(List.of("out/x"), List.of(), "other"));
        assertThatThrownBy(() -> StepGraph.of(steps, List.of()))
                .hasMessageContaining("b has the input out/x, which a makes: it needs a");
        steps.put("b", reading(List.of("out/x"), List.of("a"), "other"));
        assertThat(StepGraph.of(steps, List.of()).ordered()).hasSize(2);
    }

    @Test
    void theRepositoryAndTheStepFileAreNoOutputs() throws IOException {
        assertThatThrownBy(() -> step(List.of(), ".git/hooks")).hasMessageContaining(".git");
        Path json = directory.resolve("steps.json");
        Files.writeString(
                json,
                "{\"steps\": {\"a\": {\"command\": [\"x\"], \"outputs\": [\"steps.json\"]}}}");
        assertThatThrownBy(() -> StepFile.read(json)).hasMessageContaining("file of steps");
    }

    @Test
    void theHostIsAnotherWhereItsPackagesAre() throws IOException {
        Path packages = Files.writeString(directory.resolve("status"), "a");
        String before = HostIdentity.of(List.of(packages));
        assertThat(HostIdentity.of(List.of(packages))).isEqualTo(before);
        Files.writeString(packages, "ab");
        assertThat(HostIdentity.of(List.of(packages))).isNotEqualTo(before);
    }
}
