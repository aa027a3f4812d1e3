package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Sandboxes that enter namespaces of a session: what they share, and what they do not.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharingTest {

    private static final String PORT = "7707";

    private Sandbox host;
    private SandboxSession session;

    @BeforeEach
    void open() {
        host = strict().hostName("shared").build();
        session = host.open();
    }

    @AfterEach
    void close() {
        session.close();
        host.close();
    }

    private static Command shell(String script) {
        return Command.of("/bin/sh", "-c", script);
    }

    /// Starts an act that says a line when it is ready.
    private static Started start(SandboxSession session, String... act) throws Exception {
        return new Started(session.start(victim(act)));
    }

    private record Started(SandboxProcess process, String line) implements AutoCloseable {
        Started(SandboxProcess process) throws Exception {
            this(process, readLine(process));
        }

        @Override
        public void close() {
            process.cancel();
        }
    }

    private static String readLine(SandboxProcess process) throws Exception {
        StringBuilder line = new StringBuilder();
        for (int c; (c = process.getInputStream().read()) >= 0 && c != '\n'; ) {
            line.append((char) c);
        }
        return line.toString();
    }

    private static Map<Namespace, Long> readInside(SandboxResult result) {
        assertThat(result).exited(0);
        Map<Namespace, Long> found = new EnumMap<>(Namespace.class);
        for (String line : result.stdoutText().lines().toList()) {
            Namespace namespace =
                    line.startsWith("mnt")
                            ? Namespace.MOUNT
                            : Namespace.valueOf(
                                    line.substring(0, line.indexOf(':'))
                                            .toUpperCase(java.util.Locale.ROOT));
            String number = line.substring(line.indexOf('[') + 1, line.indexOf(']'));
            found.put(namespace, Long.parseLong(number));
        }
        return found;
    }

    private static final Command NAMESPACES =
            shell(
                    "for n in mnt pid net ipc uts user cgroup time; do readlink /proc/self/ns/$n;"
                            + " done");

    @Test
    void exactlyWhatIsJoinedIsTheSessions() throws Exception {
        Map<Namespace, Long> ids = session.namespaceIds();
        assertThat(readInside(session.run(NAMESPACES))).isEqualTo(ids);
        joinsExactly(List.of(Namespace.NET), strict().joinNet(session));
        joinsExactly(List.of(Namespace.IPC), strict().joinIpc(session));
        joinsExactly(List.of(Namespace.UTS), strict().joinUts(session));
        joinsExactly(List.of(Namespace.PID), strict().joinPid(session));
        joinsExactly(List.of(Namespace.PID, Namespace.USER), strict().joinPid(session).mayTrace());
        joinsExactly(
                List.of(Namespace.PID, Namespace.NET, Namespace.IPC, Namespace.UTS, Namespace.USER),
                strict().joinPid(session)
                        .joinNet(session)
                        .joinIpc(session)
                        .joinUts(session)
                        .mayTrace());
        joinsExactly(List.of(), strict());
    }

    /// Whoever is in a domain traces nobody outside of it, so a tracer is in none, and is told so.
    @Test
    void thatATracerHasNoLandlockIsTold() throws Exception {
        Host.needsLandlock(6);
        assertThat(landlockHolds(strict().joinPid(session))).isTrue();
        assertThat(landlockHolds(strict().joinPid(session).mayTrace())).isFalse();
    }

    private static boolean landlockHolds(Sandbox.Builder builder) throws Exception {
        return run(builder, shell("true")).enforced().stream()
                .filter(e -> e.item().equals("landlock"))
                .findFirst()
                .orElseThrow()
                .holds();
    }

    private void joinsExactly(List<Namespace> joined, Sandbox.Builder builder) {
        Map<Namespace, Long> ids = session.namespaceIds();
        SandboxResult result = run(builder, NAMESPACES);
        Map<Namespace, Long> inside = readInside(result);
        for (Namespace namespace : Namespace.values()) {
            if (joined.contains(namespace)) {
                assertThat(inside.get(namespace)).as("%s", namespace).isEqualTo(ids.get(namespace));
                assertThat(result.enforced())
                        .contains(
                                new Enforcement(
                                        namespace.label(),
                                        "joined",
                                        "namespace " + ids.get(namespace) + " of a session"));
            } else {
                assertThat(inside.get(namespace))
                        .as("%s", namespace)
                        .isNotEqualTo(ids.get(namespace));
                assertThat(result.enforced())
                        .contains(new Enforcement(namespace.label(), "new", "namespace"));
            }
            assertThat("%s:[%d]".formatted(fileOf(namespace), inside.get(namespace)))
                    .isNotEqualTo(Host.link("/proc/self/ns/" + fileOf(namespace)));
        }
    }

    private static String fileOf(Namespace namespace) {
        return namespace == Namespace.MOUNT ? "mnt" : namespace.label();
    }

    @Test
    void aServiceIsReachedByWhoJoinsItsNetworkAlone() throws Exception {
        try (Started service = start(session, "serve4", PORT)) {
            assertThat(service.line()).isEqualTo("ready");
            assertThat(run(strict().joinNet(session), victim("connect4", PORT))).exited(0);
            assertThat(run(strict(), victim("connect4", PORT))).failedWith(Errno.ECONNREFUSED);
            assertThat(run(strict().joinIpc(session), victim("connect4", PORT)))
                    .failedWith(Errno.ECONNREFUSED);
            assertThat(Victims.onHost("connect4", PORT)).isEqualTo(Errno.ECONNREFUSED.number());
        }
    }

    @Test
    void theSessionReachesWhatASandboxServesThatJoinsIt() throws Exception {
        try (Sandbox joined = strict().joinNet(session).build();
                Started service = new Started(joined.start(victim("serve4", PORT)))) {
            assertThat(session.run(victim("connect4", PORT))).exited(0);
            assertThat(run(strict(), victim("connect4", PORT))).failedWith(Errno.ECONNREFUSED);
            service.process().cancel();
            assertThat(session.run(victim("connect4", PORT))).failedWith(Errno.ECONNREFUSED);
        }
    }

    @Test
    void aSessionCanJoinASession() throws Exception {
        try (Started service = start(session, "serve4", PORT);
                Sandbox sandbox = strict().joinNet(session).joinUts(session).build();
                SandboxSession second = sandbox.open()) {
            assertThat(service.line()).isEqualTo("ready");
            assertThat(second.namespaceIds().get(Namespace.NET))
                    .isEqualTo(session.namespaceIds().get(Namespace.NET));
            assertThat(second.run(victim("connect4", PORT))).exited(0);
            assertThat(second.run(shell("uname -n"))).printed("shared\n");
            // And be joined, for what it has joined itself.
            assertThat(run(strict().joinNet(second), victim("connect4", PORT))).exited(0);
        }
    }

    @Test
    void systemVObjectsAreSharedWithWhoJoinsThemAlone() throws Exception {
        assertThat(session.run(victim("shm", "4711", "keep"))).exited(0);
        assertThat(run(strict().joinIpc(session), victim("shm", "4711"))).exited(0);
        assertThat(run(strict(), victim("shm", "4711"))).failedWith(Errno.ENOENT);
        assertThat(run(strict().joinNet(session), victim("shm", "4711"))).failedWith(Errno.ENOENT);
    }

    @Test
    void theHostNameIsSharedAndCannotBeChanged() throws Exception {
        String names = "uname -n; cat /etc/hostname";
        assertThat(run(strict().joinUts(session), shell(names))).printed("shared\nshared\n");
        assertThat(run(strict(), shell(names))).printed("sandbox\nsandbox\n");
        Sandbox.Builder able =
                Victims.strict()
                        .keepCapabilities(Capability.SYS_ADMIN)
                        .syscalls(SyscallPolicy.unfiltered());
        assertThat(run(able, victim("sethost"))).exited(0);
        assertThat(run(able.joinUts(session), victim("sethost"))).failedWith(Errno.EPERM);
        assertThat(session.run(shell("uname -n"))).printed("shared\n");
    }

    @Test
    void noCapabilityCountsInTheNetworkOfTheSession() {
        Sandbox.Builder able =
                strict().keepCapabilities(Capability.NET_ADMIN, Capability.NET_BIND_SERVICE);
        assertThat(run(able, victim("bind4", "80"))).exited(0);
        assertThat(run(able.joinNet(session), victim("bind4", "80"))).failedWith(Errno.EACCES);
    }

    @Test
    void processesAreSeenByWhoJoinsThemAlone() throws Exception {
        String token = Host.token();
        try (Started target = start(session, "keep", token)) {
            Command look = shell("cat /proc/" + target.line() + "/cmdline | tr '\\0' ' '");
            assertThat(run(strict().joinPid(session), look)).text().contains(token);
            assertThat(run(strict(), look)).text().doesNotContain(token);
            assertThat(run(strict().joinNet(session), look)).text().doesNotContain(token);
        }
    }

    @Test
    void theSessionSeesWhoJoinsItsProcesses() throws Exception {
        String token = Host.token();
        try (Sandbox joined = strict().joinPid(session).build();
                Started target = new Started(joined.start(victim("keep", token)))) {
            Command look = shell("cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
            assertThat(session.run(look)).text().contains(token);
            assertThat(target.process().isAlive()).isTrue();
            // Neither looks into the other.
            assertRefused(session, target.line());
        }
    }

    /// Every way to look into process `pid` is closed to a command of `session`, filtered or not.
    private static void assertRefused(SandboxSession session, String pid) throws Exception {
        assertThat(session.run(victim("readmem", pid))).failedWith(Errno.EACCES);
        assertThat(session.run(shell("cat /proc/" + pid + "/environ"))).exited(1);
        assertThat(session.run(shell("ls /proc/" + pid + "/root/"))).exited(2);
        assertThat(session.run(shell("readlink /proc/" + pid + "/fd/0"))).exited(1);
    }

    @Test
    void whoJoinsProcessesLooksIntoNone() throws Exception {
        try (Started target = start(session, "keep", "hidden")) {
            String pid = target.line();
            // The filter is open: it is the kernel that refuses.
            Sandbox.Builder open = strict().joinPid(session).syscalls(SyscallPolicy.unfiltered());
            assertThat(run(open, victim("readmem", pid))).failedWith(Errno.EACCES);
            assertThat(run(open, victim("vmpeek", pid))).failedWith(Errno.EPERM);
            assertThat(run(open, victim("attach", pid))).failedWith(Errno.EPERM);
            assertThat(run(open, shell("ls /proc/" + pid + "/root/"))).exited(2);
            assertThat(run(open, shell("readlink /proc/" + pid + "/fd/0"))).exited(1);
            assertThat(run(open, shell("cat /proc/" + pid + "/environ"))).exited(1);
            // Not even with the capability, which counts in its own user namespace.
            open.keepCapabilities(Capability.SYS_PTRACE, Capability.SYS_ADMIN);
            assertThat(run(open, victim("readmem", pid))).failedWith(Errno.EACCES);
            assertThat(run(open, victim("attach", pid))).failedWith(Errno.EPERM);

            Sandbox.Builder tracer = strict().joinPid(session).mayTrace();
            assertThat(run(tracer, victim("readmem", pid))).printed("hidden\n");
            assertThat(run(tracer, victim("vmpeek", pid))).printed("hidden\n");
            assertThat(run(tracer, victim("attach", pid))).exited(0);
            assertThat(run(tracer, shell("ls /proc/" + pid + "/root/"))).text().contains("proc");
        }
    }

    @Test
    void aTracerReachesNoSupervisor() throws Exception {
        Sandbox.Builder tracer =
                strict().joinPid(session).mayTrace().syscalls(SyscallPolicy.unfiltered());
        try (Started target = start(session, "keep", "x")) {
            String supervisor =
                    session.run(shell("awk '/PPid/{print $2}' /proc/" + target.line() + "/status"))
                            .stdoutText()
                            .strip();
            assertThat(supervisor).isNotEqualTo("1").isNotEmpty();
            for (String pid : List.of("1", supervisor)) {
                assertThat(run(tracer, victim("readmem", pid))).failedWith(Errno.EACCES);
                assertThat(run(tracer, victim("vmpeek", pid))).failedWith(Errno.EPERM);
                assertThat(run(tracer, victim("attach", pid))).failedWith(Errno.EPERM);
                assertThat(run(tracer, victim("getfd", pid, "3"))).failedWith(Errno.EPERM);
                assertThat(run(tracer, shell("ls /proc/" + pid + "/root/"))).exited(2);
            }
            // Nor its own.
            assertThat(run(tracer, shell("ls /proc/$PPID/root/"))).exited(2);
            assertThat(run(tracer, victim("attach", target.line()))).exited(0);
        }
    }

    @Test
    void nothingOfTheSessionTracesATracer() throws Exception {
        try (Sandbox open = strict().syscalls(SyscallPolicy.unfiltered()).build();
                SandboxSession all = open.open();
                Sandbox sandbox = strict().joinPid(all).mayTrace().build();
                Started tracer = new Started(sandbox.start(victim("keep", "mine")));
                Started other = start(all, "keep", "theirs")) {
            assertRefused(all, tracer.line());
            assertThat(all.run(victim("attach", tracer.line()))).failedWith(Errno.EPERM);
            assertThat(sandbox.run(victim("readmem", other.line()))).printed("theirs\n");
        }
    }

    @Test
    void aTracerCannotTakeOverAnotherThatStarts() throws Exception {
        // Each first process has all capabilities of the session's user namespace for a moment, and
        // stands in the host's tree; so it is undumpable from its birth.
        try (Sandbox sandbox = strict().joinPid(session).mayTrace().build();
                Started hunter = new Started(sandbox.start(victim("hunt", "4")))) {
            assertThat(hunter.line()).isEqualTo("hunting");
            int launches = 0;
            while (hunter.process().isAlive()) {
                assertThat(sandbox.run("/bin/true")).exited(0);
                launches++;
            }
            assertThat(launches).isPositive();
            // It enters its like, not who supervises them, and never a tree but theirs.
            assertThat(readLine(hunter.process())).isEqualTo("1 1 0");
        }
    }

    @Test
    void nobodyTakesOverWhoStartsAmongTheProcesses() throws Exception {
        try (Sandbox open = strict().syscalls(SyscallPolicy.unfiltered()).build();
                SandboxSession all = open.open();
                Sandbox tracing = strict().joinPid(all).mayTrace().build();
                Sandbox joined = strict().joinPid(all).build();
                Started inside = start(all, "hunt", "4");
                Started tracer = new Started(tracing.start(victim("hunt", "4")))) {
            while (inside.process().isAlive() || tracer.process().isAlive()) {
                assertThat(joined.run("/bin/true")).exited(0);
            }
            assertThat(readLine(inside.process())).isEqualTo("1 1 0");
            assertThat(readLine(tracer.process())).isEqualTo("1 1 0");
        }
    }

    @Test
    void signalsEndAtTheJoinedSandbox() throws Exception {
        if (!Host.isRoot()) {
            Host.needsLandlock(6);
        }
        try (Started target = start(session, "keep", "x")) {
            Sandbox.Builder joined = strict().joinPid(session);
            assertThat(run(joined, victim("sys", "kill", target.line(), "9")))
                    .failedWith(Errno.EPERM);
            assertThat(run(joined, victim("sys", "kill", "1", "9"))).failedWith(Errno.EPERM);
            assertThat(target.process().isAlive()).isTrue();
            assertThat(session.run("/bin/true")).exited(0);

            Sandbox.Builder tracer = strict().joinPid(session).mayTrace();
            // The kernel drops what is sent to a first process from inside.
            run(tracer, victim("signals", "1"));
            assertThat(session.run("/bin/true")).exited(0);
            assertThat(run(tracer, victim("sys", "kill", target.line(), "9"))).exited(0);
            assertThat(target.process().onResult().get(30, TimeUnit.SECONDS))
                    .satisfies(result ->
                            assertThat(result).signalled(io.cloister.sandbox.Signal.KILL));
        }
    }

    @Test
    void whatAJoinedSandboxLeavesIsKilledAndNothingOfTheSession() throws Exception {
        try (Started target = start(session, "keep", "x")) {
            for (Sandbox.Builder builder :
                    List.of(strict().joinPid(session), strict().joinPid(session).mayTrace())) {
                String token = Host.token();
                assertThat(run(builder, victim("daemon", token))).exited(0);
                Host.await("end of daemons", () -> Host.processesWith(token).isEmpty());
                assertThat(target.process().isAlive()).isTrue();
            }
        }
    }

    @Test
    void theEndOfTheSessionEndsWhoHasJoined() throws Exception {
        for (boolean processes : new boolean[] {false, true}) {
            SandboxSession other = host.open();
            Sandbox.Builder builder = processes ? strict().joinPid(other) : strict().joinNet(other);
            try (Sandbox joined = builder.build();
                    Started running = new Started(joined.start(victim("keep", "x")))) {
                other.close();
                SandboxResult result = running.process().onResult().get(30, TimeUnit.SECONDS);
                assertThat(result).cancelled();
                assertThat(result.evidence().toString()).contains("session");
                assertThatIllegalStateException()
                        .isThrownBy(() -> joined.run("/bin/true"))
                        .withMessageContaining("session")
                        .withMessageContaining("has ended");
            }
        }
    }

    @Test
    void aSessionThatJoinedEndsToo() throws Exception {
        SandboxSession other = host.open();
        try (Sandbox joined = strict().joinNet(other).build();
                SandboxSession second = joined.open()) {
            other.close();
            assertThat(second.onEnd().get(30, TimeUnit.SECONDS))
                    .satisfies(result -> assertThat(result).cancelled());
            assertThatIllegalStateException().isThrownBy(joined::open);
        }
    }

    @Test
    void theFirstProcessOfASessionTakesAlongWhoIsAmongItsProcesses() throws Exception {
        // Not closed by the caller: it dies of its limit.
        Cgroups.assume("memory");
        Host.needsProgram("python3", "python3");
        try (Sandbox small = strict().memoryLimit(Bytes.mebibytes(64)).build();
                SandboxSession other = small.open();
                Sandbox joined = strict().joinPid(other).build();
                Started running = new Started(joined.start(victim("keep", "x")))) {
            SandboxResult hog =
                    other.run(Command.of("python3", "-c", "print(len(bytearray(200 << 20)))"));
            assertThat(hog).reached(Limit.MEMORY);
            assertThat(other.onEnd().get(30, TimeUnit.SECONDS).outcome())
                    .isEqualTo(new Outcome.LimitReached(Limit.MEMORY));
            assertThat(running.process().onResult().get(30, TimeUnit.SECONDS))
                    .satisfies(result -> assertThat(result).cancelled());
        }
    }

    @Test
    void limitsStayApart() throws Exception {
        assertThat(
                        run(
                                strict().joinNet(session)
                                        .joinPid(session)
                                        .tmpfs("/own", Bytes.mebibytes(1)),
                                shell("id -u; ls /own; echo x > /tmp/mine; ls /tmp")))
                .printed("1000\nmine\n");
        assertThat(session.run(shell("ls /tmp; ls / | grep own"))).exited(1);
    }

    @Test
    void aNamespaceOfTheHostIsNotJoined() {
        try (Sandbox shared = strict().hostNet().build();
                SandboxSession other = shared.open()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> strict().joinNet(other).build())
                    .withMessageContaining("hostNet()");
        }
    }

    @Test
    void anOrdinaryUserEntersNoSessionWhole() throws Exception {
        try (Sandbox able = strict().keepCapabilities(Capability.NET_ADMIN).build();
                SandboxSession other = able.open();
                Sandbox joined = strict().joinNet(other).build()) {
            if (Host.isRoot()) {
                assertThat(joined.run("/bin/true")).exited(0);
            } else {
                assertThatExceptionOfType(SandboxUnavailableException.class)
                        .isThrownBy(() -> joined.run("/bin/true"))
                        .withMessageContaining("keepCapabilities");
            }
            // To trace is to enter it.
            try (Started target = start(other, "keep", "open");
                    Sandbox tracer = strict().joinPid(other).mayTrace().build()) {
                assertThat(tracer.run(victim("readmem", target.line()))).printed("open\n");
            }
        }
    }

    @Test
    void aPolicyTellsNothingOfTheSession() throws Exception {
        try (Sandbox joined = strict().joinNet(session).joinPid(session).build()) {
            assertThat(joined.spec().newNamespaces()).contains(Namespace.NET, Namespace.PID);
            assertThat(SandboxSpec.fromJson(joined.spec().toJson())).isEqualTo(joined.spec());
            String explained = joined.explain(Command.of("/bin/true"));
            assertThat(explained).contains("joined: [PID, NET]", "setns(", "enforced: net joined");
            assertThat(run(Sandbox.from(joined.spec()), NAMESPACES).stdoutText())
                    .doesNotContain(session.namespaceIds().get(Namespace.NET).toString());
            // The builder of a sandbox keeps what it joins.
            assertThat(readInside(run(joined.toBuilder(), NAMESPACES)).get(Namespace.NET))
                    .isEqualTo(session.namespaceIds().get(Namespace.NET));
        }
    }

    @Test
    void whoJoinsProcessesIsNoSession() {
        try (Sandbox joined = strict().joinPid(session).build()) {
            assertThatExceptionOfType(SandboxUnavailableException.class)
                    .isThrownBy(joined::open)
                    .withMessageContaining("joinPid(...)");
        }
    }

    @Test
    void aPooledSandboxThatJoinsIsNeverUsedTwice() throws Exception {
        try (Sandbox joined = strict().joinNet(session).build();
                SandboxPool pool = SandboxPool.of(joined).size(1).build()) {
            try (SandboxPool.Lease lease = pool.lease()) {
                assertThat(lease.run(Command.of("/bin/true"))).exited(0);
            }
            Host.await("a new one", () -> pool.statistics().idle() == 1);
            assertThat(pool.statistics().toString()).contains("shares [NET] with others");
        }
    }

    private void joinAndClose() throws Exception {
        for (int i = 0; i < 3; i++) {
            open();
            try (Sandbox joined =
                            strict().joinNet(session).joinIpc(session).joinPid(session).build();
                    Sandbox tracer = strict().joinPid(session).mayTrace().build();
                    Started running = new Started(joined.start(victim("keep", "x")))) {
                assertThat(tracer.run("/bin/true")).exited(0);
                assertThat(running.process().isAlive()).isTrue();
            }
            close();
        }
    }

    @Test
    void nothingIsLeft() throws Exception {
        close();
        // The first time, launchers that rested come into use.
        joinAndClose();
        long processes = Host.descendants();
        int descriptors = Host.descriptors().size();
        joinAndClose();
        // Slots that are kept for later runs.
        Host.awaitDescendants(processes + 4);
        Host.await("closed descriptors", () -> Host.descriptors().size() <= descriptors + 16);
        assertThat(Host.descriptors()).noneMatch(d -> d.startsWith("net:["));
        assertThat(Host.descriptors()).noneMatch(d -> d.startsWith("pid:["));
    }
}
