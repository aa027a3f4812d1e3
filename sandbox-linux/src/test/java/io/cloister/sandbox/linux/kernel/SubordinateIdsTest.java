package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.SignalScope;
import io.cloister.sandbox.policy.Capability;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// An ordinary user maps the ids that /etc/subuid and /etc/subgid grant, and no others.
@Tag("kernel")
class SubordinateIdsTest {

    private static final long COUNT = 2000;

    @Test
    void grantedIdsAreMappedAndTheCommandRunsAsOneOfThem() throws Exception {
        long first = granted();
        Sandbox.Builder builder =
                strict().user(5, 7).groups(20).mapUids(0, first, COUNT).mapGids(0, first, COUNT);
        assertThat(shell(builder, "id -u; id -g; id -G")).exited(0).printed("5\n7\n7 20\n");
    }

    /// Of which the process is user 0 before it becomes another one.
    @Test
    void theOwnUserMayBeUserZeroAndCapabilitiesSurviveTheChange() throws Exception {
        long first = granted();
        int own = Host.uid();
        int group = Integer.parseInt(Host.status("Gid").split("\\s+")[1]);
        Sandbox.Builder builder =
                strict().user(5, 7)
                        .mapUids(0, own, 1)
                        .mapUids(1, first, COUNT)
                        .mapGids(0, group, 1)
                        .mapGids(1, first, COUNT)
                        .keepCapabilities(Capability.CHOWN, Capability.SETUID);
        String status = printed(builder, "cat /proc/self/status; true");
        org.assertj.core.api.Assertions.assertThat(status).contains("Uid:\t5\t5\t5\t5\n");
        for (String set : new String[] {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
            org.assertj.core.api.Assertions.assertThat(status)
                    .contains(set + ":\t0000000000000081\n");
        }
    }

    @Test
    void aCommandRunsAsAnotherOfThem() throws Exception {
        long first = granted();
        Sandbox.Builder builder =
                strict().user(5, 7).mapUids(0, first, COUNT).mapGids(0, first, COUNT);
        Command command = Command.of("/bin/sh", "-c", "id -u; id -g; id -G").user(8, 9);
        try (Sandbox sandbox = builder.build();
                SandboxSession session = sandbox.open()) {
            assertThat(sandbox.run(command)).exited(0).printed("8\n9\n9\n");
            assertThat(session.run(command)).exited(0).printed("8\n9\n9\n");
            SandboxProcess process = session.start(Command.of("sleep", "100").user(8, 9));
            process.signal(Signal.TERM, SignalScope.TREE);
            assertThat(process.waitForResult()).signalled(Signal.TERM);
        }
    }

    /// The JVM can give it no file, so that it is not born into its group, but enters it.
    @Test
    void aCommandHasAGroupOfItsOwn() throws Exception {
        Cgroups.assume("memory");
        long first = granted();
        Sandbox.Builder builder =
                strict().user(5, 7)
                        .memoryLimit(Bytes.mebibytes(256))
                        .mapUids(0, first, COUNT)
                        .mapGids(0, first, COUNT);
        Command hog = Command.of("/usr/bin/python3", "-c", "b = bytearray(100 << 20)");
        try (Sandbox sandbox = builder.build();
                SandboxSession session = sandbox.open()) {
            assertThat(session.run(hog, limits -> limits.memory(Bytes.mebibytes(32))))
                    .reached(Limit.MEMORY);
            assertThat(session.run(hog, limits -> limits.memory(Bytes.mebibytes(200)))).exited(0);
            assertThat(session.run(hog)).exited(0);
        }
    }

    @Test
    void otherIdsAreRefused() throws Exception {
        long beyond = granted() + 10_000_000;
        Sandbox.Builder builder =
                strict().user(5, 7).mapUids(0, beyond, COUNT).mapGids(0, beyond, COUNT);
        assertThatThrownBy(() -> shell(builder, "true"))
                .isInstanceOfSatisfying(
                        SandboxLaunchException.class,
                        e ->
                                org.assertj.core.api.Assertions.assertThat(e.step())
                                        .isEqualTo(SetupStep.MAP_USERS));
    }

    /// The first id that is granted for users and for groups.
    private static long granted() throws IOException {
        String user = System.getProperty("user.name");
        Assumptions.assumeFalse(
                "root".equals(user), "root maps without newuidmap; IdentityTest covers that");
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/newuidmap")),
                "no newuidmap: Debian package uidmap");
        Optional<Long> uids = first("/etc/subuid", user);
        Optional<Long> gids = first("/etc/subgid", user);
        Assumptions.assumeTrue(
                uids.isPresent() && uids.equals(gids),
                "no subordinate ids for " + user + " in /etc/subuid and /etc/subgid");
        return uids.get();
    }

    private static Optional<Long> first(String file, String user) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .map(line -> line.split(":"))
                .filter(parts -> parts[0].equals(user) && Long.parseLong(parts[2]) >= COUNT)
                .map(parts -> Long.parseLong(parts[1]))
                .findFirst();
    }
}
