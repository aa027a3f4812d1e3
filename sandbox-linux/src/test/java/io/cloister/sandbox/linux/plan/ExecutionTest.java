package io.cloister.sandbox.linux.plan;

import static io.cloister.sandbox.linux.plan.TestHost.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.SandboxSpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class ExecutionTest {

    @ParameterizedTest
    @ValueSource(strings = {"/bin/true", "./true", "sub/true", "/"})
    void aProgramWithASlashIsTheOnlyCandidate(String program) {
        assertThat(Execution.of(withPath("/a:/b"), Command.of(program)).candidates())
                .containsExactly(program);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/a:/b     | /a/p,/b/p",
                "/a        | /a/p",
                "'/a:'     | /a/p,./p",
                "':/a'     | ./p,/a/p",
                "/a::/b    | /a/p,./p,/b/p",
                "'::'      | ./p,./p,./p",
                "''        | ./p",
                "rel:/a    | rel/p,/a/p",
                "/a/       | /a//p"
            })
    void aNameIsLookedForInEveryEntryOfPathAndAnEmptyOneIsTheWorkDirectory(
            String path, String candidates) {
        assertThat(Execution.of(withPath(path), Command.of("p")).candidates())
                .containsExactly(candidates.split(","));
    }

    @Test
    void withoutPathTheDefaultOfExecvpIsSearchedAndNeverTheWorkDirectory() {
        SandboxSpec spec = spec().onlyEnvironment(Map.of("A", "b")).spec();
        assertThat(Execution.of(spec, Command.of("p")).candidates())
                .containsExactly("/bin/p", "/usr/bin/p");
    }

    @Test
    void thePathOfTheCommandGoesBeforeThatOfTheSandbox() {
        Command command = Command.of("p").environment("PATH", "/mine");
        assertThat(Execution.of(withPath("/a:/b"), command).candidates())
                .containsExactly("/mine/p");
    }

    @Test
    void theFirstArgumentIsTheProgramAsItWasNamed() {
        Execution execution = Execution.of(withPath("/a"), Command.of("p", "x", "", "y"));
        assertThat(execution.program()).isEqualTo("p");
        assertThat(execution.arguments()).containsExactly("p", "x", "", "y");
    }

    @Test
    void argv0ReplacesTheFirstArgumentOnly() {
        Execution execution = Execution.of(withPath("/a"), Command.of("p", "x").argv0("-p"));
        assertThat(execution.program()).isEqualTo("p");
        assertThat(execution.candidates()).containsExactly("/a/p");
        assertThat(execution.arguments()).containsExactly("-p", "x");
        assertThat(Execution.of(withPath("/a"), Command.of("p").argv0("")).arguments())
                .containsExactly("");
    }

    @Test
    void theEnvironmentIsThatOfTheSandboxInItsOrderThenWhatTheCommandAdds() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("Z", "1");
        variables.put("A", "2");
        SandboxSpec spec = spec().onlyEnvironment(variables).spec();
        Command command = Command.of("/p").environment("NEW", "3").environment("Z", "over");
        assertThat(Execution.of(spec, command).environment())
                .containsExactly("Z=over", "A=2", "NEW=3");
        assertThat(Execution.of(spec, Command.of("/p")).environment())
                .containsExactly("Z=1", "A=2");
    }

    @Test
    void aValueMayHoldAnEqualsSignAndALineBreak() {
        SandboxSpec spec = spec().onlyEnvironment(Map.of("A", "b=c\nd")).spec();
        assertThat(Execution.of(spec, Command.of("/p")).environment()).containsExactly("A=b=c\nd");
    }

    @Test
    void theEnvironmentOfTheJvmIsNeverPassedOn() {
        SandboxSpec spec = spec().onlyEnvironment(Map.of()).spec();
        assertThat(Execution.of(spec, Command.of("/p")).environment()).isEmpty();
    }

    @Test
    void theWorkDirectoryOfTheCommandGoesBeforeThatOfTheSandbox() {
        SandboxSpec spec = spec().workDirectory("/w").spec();
        assertThat(Execution.of(spec, Command.of("/p")).workDirectory()).isEqualTo("/w");
        assertThat(Execution.of(spec, Command.of("/p").workDirectory("/x")).workDirectory())
                .isEqualTo("/x");
    }

    @Test
    void furtherDescriptorsKeepTheOrderInWhichTheyWereGiven() {
        Command command = Command.of("/p").descriptor(9, 1).descriptor(3, 2).descriptor(5, 0);
        assertThat(Execution.of(SandboxSpec.strict(), command).descriptors())
                .isEqualTo(List.of(9, 3, 5));
    }

    private static SandboxSpec withPath(String path) {
        return spec().environment("PATH", path).spec();
    }
}
