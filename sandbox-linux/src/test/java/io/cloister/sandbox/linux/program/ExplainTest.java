package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.plan.TestHost.ORDINARY;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.linux.plan.Ahead;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.plan.TestHost;
import io.cloister.sandbox.linux.program.Launches.Kind;
import io.cloister.sandbox.policy.FileContent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;

/// What a listing of a launch shows, and what it never does.
class ExplainTest {

    private static final String SECRET = "s3cr3t";

    private static String listing(SandboxSpec spec, Command command, CpuArchitecture cpu) {
        LaunchPlan plan = TestHost.plan(spec, ORDINARY);
        Execution execution = Execution.of(spec, command);
        SyscallProgram setUp = Launches.setUp(plan, Ahead.NOTHING, cpu, execution.descriptors());
        LaunchProgram program = LaunchCompiler.link(setUp, execution, Launches.FILTER);
        return ProgramPrinter.print(program.setUp()) + ProgramPrinter.print(program.execution());
    }

    @ParameterizedTest
    @EnumSource
    void valuesOfTheEnvironmentAreNeverShown(CpuArchitecture cpu) {
        SandboxSpec spec =
                TestHost.spec()
                        .environment("TOKEN", SECRET)
                        .environment("HOME", "/home/" + SECRET)
                        .spec();
        Command command = Command.of("/bin/p").environment("OTHER", SECRET);
        assertThat(listing(spec, command, cpu)).doesNotContain(SECRET);
    }

    @ParameterizedTest
    @EnumSource
    void contentsOfFilesAreNeverShown(CpuArchitecture cpu) {
        for (String content : List.of(SECRET, SECRET.repeat(1000), "x\0" + SECRET)) {
            SandboxSpec spec =
                    TestHost.spec()
                            .mount(FileContent.text("/f", content))
                            .tmpfs("/t", Bytes.mebibytes(1))
                            .mount(FileContent.text("/t/f", content))
                            .spec();
            String listing = listing(spec, Command.of("/bin/p"), cpu);
            assertThat(listing).doesNotContain(SECRET);
            assertThat(listing).contains("/t/f, " + content.length() + " bytes");
        }
    }

    @Test
    void aContentThatIsAlsoAPathIsNotShownForThat() {
        SandboxSpec spec = TestHost.spec().mount(FileContent.text("/f", SECRET)).spec();
        String listing = listing(spec, Command.of("/bin/p"), CpuArchitecture.X86_64);
        assertThat(listing).contains("\"f\"").doesNotContain(SECRET);
    }

    @Test
    void argumentsAndStandardInputAreNeverShown() {
        Command command =
                Command.of("/bin/p", SECRET)
                        .stdin(SECRET.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(listing(SandboxSpec.strict(), command, CpuArchitecture.X86_64))
                .contains("execve(\"/bin/p\"")
                .doesNotContain(SECRET);
    }

    @ParameterizedTest
    @EnumSource
    void everyOperationOfEveryKindOfLaunchIsShownByName(Kind kind) {
        for (CpuArchitecture cpu : CpuArchitecture.values()) {
            SyscallProgram program = kind.setUp(cpu);
            String listing = ProgramPrinter.print(program);
            assertThat(listing).doesNotContain("syscall_");
            long operations = listing.lines().filter(line -> line.startsWith("  ")).count();
            assertThat(operations).isEqualTo(program.operations().size());
        }
    }

    @Test
    void whatIsMountedIsShownInWords() {
        String listing = ProgramPrinter.print(Kind.BINDS.setUp(CpuArchitecture.X86_64));
        assertThat(listing)
                .contains("mount #")
                .contains("(/srv/a -> /a, read-only)")
                .contains("(/srv/b -> /a/b, writable)")
                .contains("(/f, 7 bytes)")
                .contains("(/empty, 0 bytes)")
                .contains("(link /l -> f)")
                .contains("(tmpfs -> /t, 1048576 bytes)")
                .contains("limits #1 (")
                .contains("syscall filter #1 (5 instructions)");
    }
}
