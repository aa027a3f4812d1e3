package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.call;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/// Who the program is, and that it is nobody on the host.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IdentityTest {

    @Test
    void isUser1000AndGroup1000ByDefault() {
        String status = printed(strict(), "cat /proc/self/status");
        assertThat(status).containsPattern("Uid:\\t1000\\t1000\\t1000\\t1000\\n");
        assertThat(status).containsPattern("Gid:\\t1000\\t1000\\t1000\\t1000\\n");
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,7", "12345,54321", "65534,65534"})
    void isTheUserThatThePolicyNames(int uid, int gid) {
        String status = printed(strict().user(uid, gid), "cat /proc/self/status");
        assertThat(status).contains("Uid:\t" + uid + "\t" + uid + "\t" + uid + "\t" + uid + "\n");
        assertThat(status).contains("Gid:\t" + gid + "\t" + gid + "\t" + gid + "\t" + gid + "\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1000})
    void hasNoCapabilityInAnySet(int uid) {
        String status = printed(strict().user(uid, uid), "cat /proc/self/status");
        for (String set : new String[] {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
            assertThat(status).contains(set + ":\t0000000000000000\n");
        }
    }

    @Test
    void hasNoNewPrivilegesAndAFilter() {
        String status = printed(strict(), "cat /proc/self/status");
        assertThat(status).contains("NoNewPrivs:\t1\n").contains("Seccomp:\t2\n");
    }

    @Test
    void hasNoSupplementaryGroup() {
        String groups = printed(strict(), "grep Groups: /proc/self/status");
        // An ordinary user cannot drop groups; those of the host then show as the overflow group.
        if (Host.isRoot()) {
            assertThat(groups.substring("Groups:".length())).isBlank();
        } else {
            assertThat(groups.substring("Groups:".length()).replace("65534", "").strip())
                    .isIn("", "1000");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1000})
    void isNeverTheHostsRoot(int uid) {
        String map = printed(strict().user(uid, uid), "cat /proc/self/uid_map /proc/self/gid_map");
        assertThat(map.lines())
                .hasSize(2)
                .allSatisfy(line -> {
                    String[] words = line.strip().split("\\s+");
                    assertThat(words[0]).isEqualTo(String.valueOf(uid));
                    assertThat(words[1]).isNotEqualTo("0");
                    assertThat(words[2]).isEqualTo("1");
                });
    }

    @Test
    void sandboxesOfARootJvmThatRunTogetherAreDifferentUsers() throws Exception {
        Host.needsRoot();
        Command command = Command.of("/bin/sh", "-c", "cat /proc/self/uid_map; exec sleep 600");
        try (Sandbox sandbox = strict().build()) {
            SandboxProcess first = sandbox.start(command);
            SandboxProcess second = sandbox.start(command);
            assertThat(firstLine(first)).isNotEqualTo(firstLine(second));
        }
    }

    private static String firstLine(SandboxProcess process) throws IOException {
        try (BufferedReader reader = process.inputReader()) {
            return reader.readLine();
        }
    }

    @Test
    void rangesOfAPrivilegedJvmAreMapped() {
        Host.needsRoot();
        Sandbox.Builder builder =
                strict().user(5, 6).groups(7, 8).mapUids(0, 200_000, 100).mapGids(0, 300_000, 100);
        String status = printed(builder, "cat /proc/self/status /proc/self/uid_map");
        assertThat(status).contains("Uid:\t5\t5\t5\t5\n").contains("Gid:\t6\t6\t6\t6\n");
        assertThat(status).containsPattern("Groups:\\t7 8 ?\\n");
        assertThat(status).containsPattern(" 0 +200000 +100\\n");
        assertThat(status).contains("CapPrm:\t0000000000000000\n");
    }

    @Test
    void aRangeHoldsForTheUserOfAWritableDirectoryToo(@TempDir Path directory) throws IOException {
        Host.needsRoot();
        Sandbox.Builder builder =
                strict().user(5, 6)
                        .mapUids(0, 200_000, 100)
                        .mapGids(0, 300_000, 100)
                        .writable(directory, "/work");
        assertThat(run(builder, victim("create", "/work/file", "0644"))).exited(0);
        assertThat(Files.getAttribute(directory.resolve("file"), "unix:uid"))
                .isEqualTo(Files.getAttribute(directory, "unix:uid"));
    }

    @Test
    void aSetuidProgramGivesNothing(@TempDir Path directory) throws IOException {
        Path program = directory.resolve("setuid");
        Files.copy(Path.of("/bin/cat"), program);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        // 04755 is not expressible as PosixFilePermissions.
        Files.setAttribute(program, "unix:mode", 04755);
        String status =
                Runs.printed(
                        strict().readOnly(directory, "/work"), "/work/setuid /proc/self/status");
        assertThat(status).contains("Uid:\t1000\t1000\t1000\t1000\n");
        assertThat(status).contains("CapEff:\t0000000000000000\n");
    }

    @Test
    void aSetuidProgramOfTheSystemGivesNothing() {
        Path su = Path.of("/usr/bin/su");
        org.junit.jupiter.api.Assumptions.assumeTrue(
                Files.exists(su), "no su here: install the Debian package util-linux");
        assertThat(Runs.shell(strict(), "su root -c true </dev/null").outcome().isSuccess())
                .isFalse();
        assertThat(Runs.shell(strict(), "test -x /usr/bin/su")).exited(0);
    }

    @ParameterizedTest
    @CsvSource({"setuid,0", "setgid,0", "setgroups,0"})
    void cannotBecomeAnotherUser(String name, int id) {
        Errno expected = name.equals("setgroups") ? Errno.EPERM : Errno.EINVAL;
        assertThat(run(strict(), call(name, id, 0))).failedWith(expected);
    }

    @Test
    void mayBecomeWhoItIs() {
        assertThat(run(strict(), call("setuid", 1000))).exited(0);
        assertThat(run(strict(), call("setgid", 1000))).exited(0);
    }

    @Test
    void theUmaskIsThatOfThePolicy() {
        assertThat(printed(strict(), "umask")).isEqualTo("0022\n");
        assertThat(printed(strict().umask(0077), "umask")).isEqualTo("0077\n");
    }
}
