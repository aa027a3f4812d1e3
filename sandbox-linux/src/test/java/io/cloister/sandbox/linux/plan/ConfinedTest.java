package io.cloister.sandbox.linux.plan;

import static io.cloister.sandbox.linux.plan.TestHost.ORDINARY;
import static io.cloister.sandbox.linux.plan.TestHost.PRIVILEGED;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.util.List;

class ConfinedTest {

    private static final String SCRATCH = "/var/x/r1";

    private static Execution inside(Sandbox.Builder builder, Command command) {
        return Confined.inside(Execution.of(builder.spec(), command), SCRATCH);
    }

    @Test
    void itIsTheSamePolicyWithoutNamespaces() {
        SandboxSpec spec =
                Sandbox.builder()
                        .confined()
                        .readOnly(Path.of("/srv"))
                        .umask(077)
                        .workDirectory("/srv")
                        .pidsLimit(7)
                        .spec();
        SandboxSpec onHost = Confined.onHost(spec, true);
        assertThat(onHost.newNamespaces()).isEmpty();
        assertThat(onHost.umask()).isEqualTo(077);
        assertThat(onHost.limits()).isEqualTo(spec.limits());
        assertThat(onHost.environment()).isEqualTo(spec.environment());
        assertThat(onHost.workDirectory()).isEqualTo("/srv");
    }

    @Test
    void theUserIsTheJvmsOrOneThatIsSetAside() {
        SandboxSpec onHost = Confined.onHost(SandboxSpec.strict(), true);
        assertThat(LaunchPlanner.users(onHost, ORDINARY)).isEqualTo(new UserMap.Host());
        assertThat(LaunchPlanner.users(onHost, PRIVILEGED)).isEqualTo(new UserMap.HostDropped());
    }

    @Test
    void whatLedIntoMemoryLeadsToThePrivateDirectory() {
        Execution execution = inside(Sandbox.builder(), Command.of("x"));
        assertThat(execution.workDirectory()).isEqualTo(SCRATCH);
        assertThat(execution.environment())
                .contains("HOME=" + SCRATCH, "TMPDIR=" + SCRATCH, "LANG=C.UTF-8");
    }

    @ParameterizedTest
    @CsvSource({
        "/tmp, /var/x/r1",
        "/tmp/a/b, /var/x/r1/a/b",
        "/dev/shm/a, /var/x/r1/a",
        "/var/tmp, /var/x/r1",
        "/tmpx, /tmpx",
        "/home/me, /home/me"
    })
    void otherPathsStayAsTheyAre(String path, String moved) {
        Execution execution =
                inside(
                        Sandbox.builder().workDirectory(path).environment("HOME", path),
                        Command.of("x").environment("TMPDIR", path).environment("A", path));
        assertThat(execution.workDirectory()).isEqualTo(moved);
        assertThat(execution.environment())
                .contains("HOME=" + moved, "TMPDIR=" + moved, "A=" + path);
    }

    @ParameterizedTest
    @EnumSource
    void whatStandsInForEachNamespaceIsTold(Namespace namespace) {
        SandboxSpec onHost = Confined.onHost(SandboxSpec.strict(), true);
        List<Enforcement> list =
                Enforced.confined(onHost, ORDINARY, TestHost.limits(onHost, ORDINARY), "why");
        assertThat(list)
                .filteredOn(e -> e.item().equals(namespace.label()))
                .singleElement()
                .satisfies(e -> {
                    assertThat(e.value()).isEqualTo("host");
                    assertThat(e.means()).isNotEmpty();
                });
        assertThat(list)
                .contains(
                        new Enforcement(
                                "isolation", "confined", "landlock, seccomp; no namespaces: why"))
                .extracting(Enforcement::item)
                .doesNotHaveDuplicates();
    }
}
