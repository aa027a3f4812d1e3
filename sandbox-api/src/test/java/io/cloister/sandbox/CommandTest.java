package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class CommandTest {
    @Test
    void leavesOpenWhatIsNotSet() {
        Command command = Command.of("true");
        assertThat(command.program()).isEqualTo("true");
        assertThat(command.arguments()).isEmpty();
        assertThat(command.argv0()).isEmpty();
        assertThat(command.environment()).isEmpty();
        assertThat(command.workDirectory()).isEmpty();
        assertThat(command.stdin()).isEmpty();
        assertThat(command.stdout()).isEmpty();
        assertThat(command.stderr()).isEmpty();
        assertThat(command.descriptors()).isEmpty();
    }

    @Test
    void keepsWhatIsSet() {
        Command command =
                Command.of("python3", "main.py")
                        .args("-v", "")
                        .argv0("py")
                        .environment("B", "2")
                        .environment("A", "")
                        .workDirectory("/work")
                        .stdin(Path.of("1.in"))
                        .stdout(Output.discard())
                        .mergeStderr()
                        .descriptor(5, 17);
        assertThat(command.program()).isEqualTo("python3");
        assertThat(command.arguments()).containsExactly("main.py", "-v", "");
        assertThat(command.argv0()).contains("py");
        assertThat(command.environment()).containsExactly(Map.entry("B", "2"), Map.entry("A", ""));
        assertThat(command.workDirectory()).contains("/work");
        assertThat(command.stdin()).contains(Input.file(Path.of("1.in")));
        assertThat(command.stdout()).contains(Output.discard());
        assertThat(command.stderr()).contains(Output.merge());
        assertThat(command.descriptors()).containsExactly(Map.entry(5, 17));
    }

    @Test
    void settingSomethingLeavesTheFirstCommandAsItWas() {
        Command first = Command.of("true", "a");
        Command second = first.args("b").environment("A", "1").descriptor(3, 0);
        assertThat(first.arguments()).containsExactly("a");
        assertThat(first.environment()).isEmpty();
        assertThat(first.descriptors()).isEmpty();
        assertThat(second.arguments()).containsExactly("a", "b");
    }

    @Test
    void doesNotSeeLaterChangesOfTheList() {
        List<String> words = new ArrayList<>(List.of("echo", "a"));
        Command command = Command.of(words);
        words.set(1, "b");
        assertThat(command.arguments()).containsExactly("a");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> command.arguments().set(0, "b"));
    }

    @Test
    void needsAProgram() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.of(List.of()))
                .withMessage("a command needs a program, was an empty list");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.of(""))
                .withMessage("program must not be empty");
    }

    @Test
    void refusesANulAndNamesTheArgument() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.of("echo", "a", "b\0c"))
                .withMessage("argument #2 must not hold a NUL, has one at index 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.of("echo", "a").args("\0"))
                .withMessage("argument #2 must not hold a NUL, has one at index 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.of("ec\0ho"))
                .withMessage("program must not hold a NUL, has one at index 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.of("echo").argv0("a\0"))
                .withMessageStartingWith("argv0 must not hold a NUL");
    }

    @Test
    void takesControlCharactersOtherThanNulInArguments() {
        assertThat(Command.of("printf", "a\nb\t\u001b").arguments())
                .containsExactly("a\nb\t\u001b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A=B", "=", "A\0"})
    void refusesEnvironmentNamesThatAProgramCouldNotFind(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.of("true").environment(name, "value"))
                .withMessageStartingWith("the name of an environment variable must not be empty");
    }

    @Test
    void refusesANulInAnEnvironmentValueWithoutShowingTheValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.of("true").environment("TOKEN", "secret\0"))
                .withMessage(
                        "the value of environment variable TOKEN must not hold a NUL,"
                                + " has one at index 6");
    }

    @Test
    void aMisplacedValueInAnEnvironmentNameIsNotShown() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.of("true").environment("TOKEN=secret", ""))
                .withMessageContaining("TOKEN=...")
                .withMessageNotContaining("secret");
    }

    @Test
    void printsNeitherArgumentsNorEnvironment() {
        Command command = Command.of("login", "hunter2").environment("TOKEN", "secret");
        assertThat(command).hasToString("login (1 argument)");
        assertThat(Command.of("login")).hasToString("login (0 arguments)");
    }

    @Test
    void passesDescriptorsFrom3To1023() {
        Command command = Command.of("true").descriptor(3, 0).descriptor(1023, 1);
        assertThat(command.descriptors()).containsOnlyKeys(3, 1023);
        for (int number : new int[] {2, 1024, -1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Command.of("true").descriptor(number, 7))
                    .withMessage("number must be 3 to 1023, was " + number);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> command.descriptor(4, -1))
                .withMessage("hostDescriptor must be >= 0, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> command.descriptor(3, 9))
                .withMessage("descriptor 3 was given already");
    }

    @Test
    void onlyStandardErrorCanBeMerged() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.of("true").stdout(Output.merge()))
                .withMessageStartingWith("stdout must not be merge()");
        assertThat(Command.of("true").stderr(Output.merge()).stderr()).contains(Output.merge());
    }

    @Test
    void workDirectoryIsAnAbsolutePath() {
        assertThat(Command.of("true").workDirectory("/").workDirectory()).contains("/");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.of("true").workDirectory("work"))
                .withMessage("workDirectory must be absolute, was \"work\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Command.of("true").workDirectory("/a\nb"))
                .withMessage("workDirectory must not hold control characters, was \"/a\\u000ab\"");
    }

    @Test
    void inputBytesAreCopiedAndNeverPrinted() {
        byte[] bytes = {'s', 'e', 'c'};
        Input input = Input.bytes(bytes);
        bytes[0] = 0;
        assertThat(input).isEqualTo(Input.bytes(new byte[] {'s', 'e', 'c'}));
        assertThat(input).hasToString("OfBytes[3 B]");
    }

    @Test
    void outputsAreCollectedInTheOrderInWhichTheyWereNamed() {
        Path out = Path.of("/tmp/out");
        CopyOptions few = CopyOptions.defaults().maxEntries(3).skipOthers();
        Command command =
                Command.of("make")
                        .collect("/work/out", out)
                        .collect(new OutputFiles(SandboxPath.of("/work/log"), out, few))
                        .args("all");
        assertThat(command.outputFiles())
                .containsExactly(
                        new OutputFiles(SandboxPath.of("/work/out"), out, CopyOptions.defaults()),
                        new OutputFiles(SandboxPath.of("/work/log"), out, few));
        assertThat(Command.of("make").outputFiles()).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> command.collect("/work/out", out))
                .withMessageContaining("already");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> command.collect("/x", Path.of("relative")));
        assertThatIllegalArgumentException().isThrownBy(() -> command.collect("x", out));
        CopyOptions links = few.keepLinks();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OutputFiles(SandboxPath.ROOT, out, links));
        assertThatIllegalArgumentException().isThrownBy(() -> few.maxEntries(0));
    }

    @Test
    void aTerminalTakesErrorsTheWayItTakesOutput() {
        Command command = Command.of("sh").terminal(TerminalSize.of(100, 30));
        assertThat(command.terminal()).contains(TerminalSettings.of(TerminalSize.of(100, 30)));
        assertThat(Command.of("sh").terminal()).isEmpty();
        assertThat(command.args("-c").terminal()).isEqualTo(command.terminal());
        Command piped = command.withDefaults(Input.pipe(), Output.pipe(), Output.pipe());
        assertThat(piped.stderr()).contains(Output.merge());
        assertThat(command.mergeStderr().stderr()).contains(Output.merge());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> command.stderr(Output.discard()))
                .withMessageContaining("stderr must not be set with a terminal");
    }

    @Test
    void aSizeOfATerminalFitsIntoSixteenBits() {
        assertThat(TerminalSize.of(65535, 1)).hasToString("65535x1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TerminalSize.of(80, 0))
                .withMessage("rows must be 1 to 65535, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TerminalSize.of(65536, 24))
                .withMessage("columns must be 1 to 65535, was 65536");
    }

    @Test
    void aUserIsThatOfTheCommandAlone() {
        Command command = Command.of("id");
        assertThat(command.user()).isEmpty();
        Command other = command.user(7, 8).args("-u");
        assertThat(other.user()).contains(new CommandUser(7, 8, List.of()));
        assertThat(command.user()).isEmpty();
        assertThat(new CommandUser(7, 8, List.of(9))).hasToString("user 7, group 8, groups [9]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> command.user(-1, 8))
                .withMessage("uid must be >= 0, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CommandUser(7, 8, List.of(-2)))
                .withMessage("a group must be >= 0, was -2");
    }
}
