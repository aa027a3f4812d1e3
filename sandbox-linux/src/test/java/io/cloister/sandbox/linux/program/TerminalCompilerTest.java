package io.cloister.sandbox.linux.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.Footing;
import io.cloister.sandbox.linux.plan.TerminalSource;
import io.cloister.sandbox.linux.program.Launches.Kind;

import org.junit.jupiter.api.Test;

import java.util.List;

class TerminalCompilerTest {

    private static String listing(TerminalSource terminal) {
        return ProgramPrinter.print(
                LaunchCompiler.compile(
                        Kind.STRICT.plan,
                        List.of(),
                        new Footing(Ahead.NOTHING, false, 1001, 1002, terminal),
                        CpuArchitecture.X86_64,
                        Launches.FILTER,
                        Launches.BASE));
    }

    @Test
    void aTerminalOfItsOwnIsOpenedAndHandedOverBeforeTheCommandIsMade() {
        assertThat(listing(TerminalSource.OWN))
                .containsSubsequence(
                        "\"devpts\"",
                        "\"/dev/pts/ptmx\"",
                        "0x5441",
                        "hand over",
                        "clone3",
                        "own session",
                        "controlling terminal",
                        "0x540e",
                        "standard streams");
    }

    @Test
    void aTerminalThatIsPassedOnlyBecomesTheControllingOne() {
        assertThat(listing(TerminalSource.PASSED))
                .containsSubsequence("own session", "0x540e", "standard streams")
                .doesNotContain("devpts", "\"/dev/pts/ptmx\"");
    }

    @Test
    void withoutATerminalNothingIsDone() {
        assertThat(listing(TerminalSource.NONE))
                .doesNotContain("devpts", "0x540e", "\"/dev/pts/ptmx\"");
    }
}
