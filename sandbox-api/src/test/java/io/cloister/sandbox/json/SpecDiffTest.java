package io.cloister.sandbox.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SpecDiff;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.EmptyDirectory;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

class SpecDiffTest {
    private static String diff(Sandbox.Builder before, Sandbox.Builder after) {
        return SandboxSpec.diff(before.spec(), after.spec()).toString();
    }

    @Test
    void aChangeHasItsPathAndBothValues() {
        SpecDiff diff =
                SandboxSpec.diff(
                        Sandbox.builder().memoryLimit(Bytes.mebibytes(256)).spec(),
                        Sandbox.builder().memoryLimit(Bytes.mebibytes(512)).spec());
        assertThat(diff.changes())
                .containsExactly(
                        new SpecDiff.Change(
                                "limits.memory", Optional.of("256m"), Optional.of("512m")));
        assertThat(diff).hasToString("limits.memory: 256m -> 512m");
        assertThat(diff.isEmpty()).isFalse();
    }

    @Test
    void whatComesAndGoesHasOneValue() {
        Sandbox.Builder before = Sandbox.builder().keepCapabilities(Capability.CHOWN);
        before.idleTimeLimit(Duration.ofSeconds(2));
        Sandbox.Builder after = Sandbox.builder().keepCapabilities(Capability.NET_RAW);
        assertThat(diff(before, after).lines())
                .containsExactly(
                        "limits.idleTime: - 2s",
                        "privileges.capabilities: - CAP_CHOWN",
                        "privileges.capabilities: + CAP_NET_RAW");
    }

    @Test
    void mountsGoByTheirDestination() {
        Sandbox.Builder before = Sandbox.builder();
        before.readOnly(Path.of("/srv/in"), "/in").symlink("/a", "b").tmpfs("/t", Bytes.of(4096));
        Sandbox.Builder after = Sandbox.builder();
        after.symlink("/a", "c")
                .writable(Path.of("/srv/in"), "/in")
                .mount(new EmptyDirectory("/d"));
        assertThat(diff(before, after).lines())
                .containsExactly(
                        "mounts[/in].writable: false -> true",
                        "mounts[/a].target: b -> c",
                        "mounts[/t]: - {\"tmpfs\":\"/t\",\"size\":\"4k\",\"inodes\":65536,"
                                + "\"mode\":\"0755\"}",
                        "mounts[/d]: + {\"directory\":\"/d\",\"mode\":\"0755\"}",
                        "mounts: in the order /in, /a -> in the order /a, /in");
    }

    @Test
    void systemCallsGoByTheirNameAndThoseThatChangeAlikeShareALine() {
        Sandbox.Builder before = Sandbox.builder();
        Sandbox.Builder after =
                Sandbox.builder()
                        .syscalls(
                                SyscallPolicy.standard()
                                        .fail(Errno.EACCES, Syscall.MKDIRAT, Syscall.UNLINKAT));
        assertThat(SandboxSpec.diff(before.spec(), after.spec()).changes())
                .extracting(SpecDiff.Change::path)
                .containsExactlyInAnyOrder("syscalls.mkdirat", "syscalls.unlinkat");
        assertThat(diff(before, after))
                .startsWith("syscalls: allow -> EACCES: ")
                .contains("mkdirat", "unlinkat")
                .hasLineCount(1);
    }

    @Test
    void rulesThatDecideAlikeDoNotDiffer() {
        SyscallPolicy one =
                SyscallPolicy.of(SyscallAction.ALLOW).kill(Syscall.MOUNT).kill(Syscall.PTRACE);
        SyscallPolicy other =
                SyscallPolicy.of(SyscallAction.ALLOW).kill(Syscall.PTRACE).kill(Syscall.MOUNT);
        assertThat(one).isNotEqualTo(other);
        assertThat(diff(Sandbox.builder().syscalls(one), Sandbox.builder().syscalls(other)))
                .isEmpty();
        assertThat(
                        diff(
                                Sandbox.builder().syscalls(one),
                                Sandbox.builder().syscalls(one.unknown(SyscallAction.KILL))))
                .isEqualTo("syscalls: ENOSYS -> kill: unknown");
    }

    @Test
    void valuesOfVariablesAndContentsOfFilesAreNotShown() {
        Sandbox.Builder before = Sandbox.builder().environment("TOKEN", "secret1");
        before.file("/f", new byte[] {'s', 'e', 'c', 'r', 'e', 't'}).file("/g", new byte[] {0});
        Sandbox.Builder after = Sandbox.builder().environment("TOKEN", "secret2");
        after.environment("NEW", "secret").file("/f", "secret3".getBytes(StandardCharsets.UTF_8));
        assertThat(diff(before, after))
                .doesNotContain("secret")
                .contains("environment.TOKEN: a value -> another value")
                .contains("environment.NEW: + a value")
                .contains("mounts[/f].text: a value -> another value")
                .contains("mounts[/g]: - {\"file\":\"/g\",\"text\":\"...\"");
    }

    @Test
    void policiesDifferWhereTheyAreNotEqual() {
        List<SandboxSpec> specs = SpecJsonTest.specs().limit(80).toList();
        for (int i = 0; i < specs.size(); i++) {
            SandboxSpec one = specs.get(i);
            SandboxSpec other = specs.get((i * 7 + 1) % specs.size());
            assertThat(SandboxSpec.diff(one, SandboxSpec.fromJson(one.toJson())).isEmpty())
                    .isTrue();
            assertThat(SandboxSpec.diff(one, other).isEmpty()).isEqualTo(one.equals(other));
            assertThat(SandboxSpec.diff(other, one).changes())
                    .hasSameSizeAs(SandboxSpec.diff(one, other).changes());
        }
    }
}
