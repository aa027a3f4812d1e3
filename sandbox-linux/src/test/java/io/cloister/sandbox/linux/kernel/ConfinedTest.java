package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.printed;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Runs.shell;
import static io.cloister.sandbox.linux.kernel.Victims.confined;
import static io.cloister.sandbox.linux.kernel.Victims.onPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The tier without namespaces: what is closed is closed, what is open works, and nothing is left.
@Tag("kernel")
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConfinedTest {

    @TempDir Path directory;
    private Path secret;

    /// All can be reached by the rights of the user, so that what is refused is refused by the
    /// tier.
    @BeforeEach
    void aFileThatEveryoneMayChange() throws IOException {
        Host.needsLandlock(6);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        secret = Files.writeString(directory.resolve("secret"), "secret");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    private static boolean ownUser() {
        return !Host.isRoot();
    }

    /// The directories of runs that are there.
    private static List<Path> privateDirectories() {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> names = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            for (Path base :
                    names.filter(p -> p.getFileName().toString().startsWith("cloister-"))
                            .filter(p ->
                                    p.toString()
                                            .contains("-" + ProcessHandle.current().pid() + "-"))
                            .toList()) {
                try (Stream<Path> runs = Files.list(base)) {
                    runs.forEach(found::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    @Test
    void aFileOutsideCannotBeRead() {
        String path = secret.toString();
        assertThat(run(confined(), onPath("read", path))).failedWith(Errno.EACCES);
        assertThat(run(confined().readOnly(secret), onPath("read", path))).exited(0);
        assertThat(run(confined().readOnly(directory), onPath("read", path))).exited(0);
        assertThat(Victims.onHost("read", path)).isZero();
    }

    @Test
    void namesOutsideCannotBeListed() {
        assertThat(shell(confined(), "ls " + directory)).exited(2).printed("");
        assertThat(printed(confined().readOnly(directory), "ls " + directory))
                .isEqualTo("secret\n");
    }

    @Test
    void aFileOutsideCannotBeChanged() throws IOException {
        String path = secret.toString();
        String other = directory.resolve("other").toString();
        for (Sandbox.Builder builder : List.of(confined(), confined().readOnly(directory))) {
            assertThat(run(builder, onPath("write", path, "x"))).failedWith(Errno.EACCES);
            assertThat(run(builder, onPath("create", other, "600"))).failedWith(Errno.EACCES);
            assertThat(run(builder, onPath("rename", path, other))).failedWith(Errno.EACCES);
            assertThat(run(builder, Victims.path().toString(), "sys", "truncate", "s:" + path, "0"))
                    .failedWith(Errno.EACCES);
            assertThat(shell(builder, "rm -f " + path)).exited(1);
        }
        assertThat(secret).hasContent("secret");
        assertThat(run(confined().writable(directory), onPath("write", path, "S"))).exited(0);
        assertThat(run(confined().writable(directory), onPath("rename", path, other))).exited(0);
        assertThat(Path.of(other)).hasContent("Secret");
    }

    @Test
    void filesOfTheHostThatAMinimalRootLeavesOutCannotBeRead() {
        assertThat(shell(confined(), "cat /etc/passwd")).exited(1);
        assertThat(shell(confined(), "cat /proc/1/status")).exited(1);
        assertThat(shell(confined(), "cat /proc/mounts /proc/uptime")).exited(1);
        assertThat(shell(confined(), "ls /tmp")).exited(2);
        assertThat(printed(confined(), "ls /usr/bin | grep -c ^")).isNotEqualTo("0\n");
        assertThat(shell(confined(), "exec 3< /proc/self/status")).exited(0);
    }

    @Test
    void itWritesToItsOwnDirectoryWhichIsGoneAfterIt() {
        Runs printed =
                assertThat(
                        shell(
                                confined(),
                                "pwd; echo $HOME; echo $TMPDIR; echo x > f && mkdir d && mv f d/"
                                        + " && cat d/f && stat -c %a ."));
        printed.exited(0);
        String[] lines = printed.text().actual().split("\n");
        assertThat(lines[0]).contains("/cloister-").isEqualTo(lines[1]).isEqualTo(lines[2]);
        assertThat(List.of(lines).subList(3, 5)).containsExactly("x", "700");
        assertThat(Path.of(lines[0])).doesNotExist();
        assertThat(privateDirectories()).isEmpty();
    }

    @Test
    void aHostileTreeIsRemovedAndNothingElse() throws IOException {
        assertThat(run(confined(), onPath("deep", "3000", directory.toString()))).exited(0);
        assertThat(privateDirectories()).isEmpty();
        assertThat(secret).hasContent("secret");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).containsExactly(secret);
        }
    }

    @Test
    void whatAFailedLaunchMadeIsGone() {
        assertThatThrownBy(() -> run(confined(), "/usr/bin/no-such-program"))
                .isInstanceOf(SandboxLaunchException.class);
        assertThat(privateDirectories()).isEmpty();
        assertThatThrownBy(() -> run(confined().readOnly(Path.of("/nonexistent")), "/bin/true"))
                .isInstanceOf(SandboxLaunchException.class)
                .hasMessageContaining("/nonexistent");
        assertThat(privateDirectories()).isEmpty();
    }

    @Test
    void thereIsNoNetwork() {
        for (String socket : List.of("1 1 0", "1 2 0", "2 1 0", "2 2 0", "10 1 0", "16 3 0")) {
            String[] words = socket.split(" ");
            assertThat(run(confined(), onPath("sys", "socket", words[0], words[1], words[2])))
                    .failedWith(Errno.EAFNOSUPPORT);
        }
        assertThat(run(confined(), onPath("pair", "1"))).exited(0);
        assertThat(run(confined(), onPath("pair", "5"))).exited(0);
        // A pair of datagram sockets can send to every service of the host that has a path.
        assertThat(run(confined(), onPath("pair", "2"))).failedWith(Errno.EPROTONOSUPPORT);
        assertThat(run(confined(), onPath("pair", "3"))).failedWith(Errno.EPROTONOSUPPORT);
        assertThat(Victims.onHost("pair", "2")).isZero();
    }

    @Test
    void thereIsNoIpcWithTheHost() {
        assertThat(run(confined(), onPath("shm", "77", "create"))).failedWith(Errno.ENOSYS);
        assertThat(run(confined(), onPath("mq", "/x", "create"))).failedWith(Errno.ENOSYS);
    }

    @Test
    void aProcessOfTheSameUserCannotBeReached() throws IOException {
        Host.needsOrdinaryUser();
        Process other = new ProcessBuilder("sleep", "60").start();
        try {
            String pid = "" + other.pid();
            for (String target : List.of(pid, "" + ProcessHandle.current().pid())) {
                assertThat(run(confined(), onPath("sys", "kill", target, "0")))
                        .failedWith(Errno.EPERM);
                assertThat(run(confined(), onPath("attach", target))).failedWith(Errno.EPERM);
                assertThat(run(confined(), onPath("vmread", target))).failedWith(Errno.EPERM);
                assertThat(run(confined(), onPath("sys", "setpriority", "0", target, "19")))
                        .failedWith(Errno.EPERM);
            }
            assertThat(Victims.onHost("sys", "kill", pid, "0")).isZero();
            assertThat(Victims.onHost("sys", "setpriority", "0", pid, "19")).isZero();
            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroyForcibly().onExit().join();
        }
    }

    @Test
    void itsOwnProcessesAreItsToSignalAndToTrace() {
        assertThat(run(confined(), onPath("killchild"))).exited(0);
        assertThat(run(confined(), onPath("attachchild"))).exited(0);
        assertThat(run(confined(), onPath("sys", "setpriority", "0", "0", "19"))).exited(0);
    }

    @Test
    void theModeOfItsUsersFilesCannotBeChangedUnlessThePolicySaysSo() throws IOException {
        Host.needsOrdinaryUser();
        String path = secret.toString();
        assertThat(run(confined(), onPath("chmod", path))).failedWith(Errno.EPERM);
        assertThat(Files.getPosixFilePermissions(secret)).hasSize(6);
        SyscallPolicy open =
                SyscallPolicy.standard()
                        .first(SyscallRule.of(Syscall.CHMOD, SyscallAction.ALLOW, "trusted"));
        assertThat(run(confined().syscalls(open), onPath("chmod", path))).exited(0);
        assertThat(Files.getPosixFilePermissions(secret)).hasSize(2);
    }

    @Test
    void underRootItIsAUserOfItsOwnWhoOwnsNothing() {
        Host.needsRoot();
        String ids = printed(confined(), "id -u; id -g; id -G; echo x > f; chmod 700 f");
        assertThat(ids.split("\n"))
                .allSatisfy(id -> {
                    assertThat(Integer.parseInt(id)).isGreaterThan(1_000_000);
                });
        assertThat(run(confined(), onPath("chmod", secret.toString()))).failedWith(Errno.EPERM);
        assertThat(printed(confined(), "exec grep ^Cap /proc/self/status").lines())
                .filteredOn(line -> !line.startsWith("CapBnd"))
                .allMatch(line -> line.endsWith("\t0000000000000000"));
    }

    @Test
    void pythonRuns() {
        Host.needsProgram("python3", "python3");
        String script =
                "import json,os,subprocess,tempfile,threading\n"
                        + "with tempfile.NamedTemporaryFile() as f: f.write(b'x')\n"
                        + "t=threading.Thread(target=lambda: print('thread')); t.start();"
                        + " t.join()\n"
                        + "print(subprocess.check_output(['echo', 'child']).decode(), end='')\n"
                        + "print(json.dumps([1, 2]))";
        assertThat(run(confined(), "python3", "-c", script))
                .exited(0)
                .printed("thread\nchild\n[1, 2]\n");
    }

    @Test
    void aCompilerRuns() {
        Host.needsProgram("gcc", "gcc");
        Victims.path();
        // Under an ordinary user the linker cannot make its output executable: chmod by path.
        String program = ownUser() ? dynamicLinker() + " ./a" : "./a";
        String script = "echo 'int main(){return 7;}' > a.c && gcc a.c -o a && " + program;
        assertThat(shell(confined(), script)).exited(7);
    }

    private static String dynamicLinker() {
        return Stream.of("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")
                .filter(path -> Files.exists(Path.of(path)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aJvmRuns() {
        Path home = Path.of(System.getProperty("java.home"));
        String source = "class H { void main() { IO.println(6 * 7); } }";
        Sandbox.Builder builder = confined();
        if (!home.startsWith("/usr")) {
            builder = builder.readOnly(home);
        }
        SandboxResult result =
                shell(builder, "echo '" + source + "' > H.java && " + home + "/bin/java H.java");
        assertThat(result).exited(0).printed("42\n");
    }

    @Test
    void aRunIsARun() {
        assertThat(run(confined(), onPath("exit", "3"))).exited(3);
        assertThat(run(confined(), Command.of("cat").stdin(Input.bytes("in\n".getBytes()))))
                .printed("in\n");
        assertThat(run(confined(), onPath("segv"))).signalled(io.cloister.sandbox.Signal.SEGV);
        assertThat(run(confined().wallTimeLimit(Duration.ofMillis(300)), onPath("sleep")))
                .reached(Limit.WALL_TIME);
        assertThat(privateDirectories()).isEmpty();
    }

    @Test
    void aForkBombIsDeadAfterItsRun() {
        String token = Host.token();
        var builder = confined().pidsLimit(20).bestEffort(LimitItem.PIDS);
        assertThat(run(builder, onPath("forkbomb", token))).reached(Limit.PIDS);
        assertThat(Host.processesWith(token)).isEmpty();
    }

    @Test
    void theTreeIsDeadAfterARun() {
        String token = Host.token();
        assertThat(shell(confined(), "sh -c 'sleep 60; true' " + token + " & exit 4")).exited(4);
        assertThat(Host.processesWith(token)).isEmpty();
        assertThat(run(confined(), onPath("daemon", token))).exited(0);
        assertThat(Host.processesWith(token)).isEmpty();
    }

    @Test
    void cancelKillsTheTreeAndRemovesItsFiles() {
        String token = Host.token();
        try (Sandbox sandbox = confined().build()) {
            SandboxProcess process =
                    sandbox.start(
                            Command.of(
                                    "/bin/sh",
                                    "-c",
                                    "echo x > f; sleep 60 & sleep 60; true",
                                    token));
            Host.await("its file", () -> !privateDirectories().isEmpty());
            process.cancel();
            assertThat(Host.processesWith(token)).isEmpty();
            assertThat(privateDirectories()).isEmpty();
        }
    }

    @Test
    void whatHoldsIsTold() {
        List<Enforcement> enforced = run(confined(), onPath("exit", "0")).enforced();
        assertThat(enforced)
                .contains(
                        new Enforcement("isolation", "confined", "landlock, seccomp"),
                        new Enforcement("mount", "host", "landlock: listed paths only"),
                        new Enforcement("net", "host", "seccomp: no sockets"),
                        Enforcement.notHeld(
                                "scratch", "private directory", "no limit of its size"));
        assertThat(enforced).extracting(Enforcement::item).doesNotHaveDuplicates();
        assertThat(run(Victims.strict(), Victims.victim("exit", "0")).enforced())
                .contains(new Enforcement("isolation", "namespaces", "as each of them says"));
    }

    @Test
    void whatCannotBeWatchedIsNotGivenAway() {
        assertThat(run(confined(), onPath("sys", "254", "3", "s:" + directory, "0xfff")))
                .failedWith(
                        io.cloister.sandbox.linux.ffm.Kernel.cpu()
                                        == io.cloister.sandbox.linux.program.CpuArchitecture.X86_64
                                ? Errno.ENOSYS
                                : Errno.EBADF);
    }

    @ParameterizedTest
    @ValueSource(strings = {"confined", "needed"})
    void whereThereAreNoNamespacesItTakesTheirPlace(String mode) {
        Host.needsOrdinaryUser();
        Host.needsProgram("unshare", "util-linux");
        String said = withoutNamespaces(mode);
        assertThat(said).contains("exit 0").contains("isolation confined (landlock, seccomp");
        assertThat(said.contains("no namespaces: create namespaces failed with ENOSPC"))
                .isEqualTo(mode.equals("needed"));
    }

    @Test
    void whereThereAreNoNamespacesAStrictSandboxTellsOfIt() {
        Host.needsOrdinaryUser();
        Host.needsProgram("unshare", "util-linux");
        assertThat(withoutNamespaces("strict"))
                .contains("ENOSPC")
                .contains("user.max_user_namespaces")
                .contains("confinedIfNeeded()");
    }

    @Test
    void whereThereAreNamespacesTheyAreTaken() {
        List<Enforcement> enforced =
                run(Sandbox.builder().confinedIfNeeded(), "/bin/true").enforced();
        assertThat(enforced).contains(new Enforcement("net", "new", "namespace"));
    }

    @Test
    void whatAKilledJvmLeftIsRemovedByTheNextOne() throws IOException, InterruptedException {
        List<String> words = Host.java(ConfinedMain.class, "sleep");
        Process jvm = new ProcessBuilder(words).start();
        String line = jvm.inputReader().readLine();
        Path left = Path.of(line);
        assertThat(left).exists();
        jvm.destroyForcibly().waitFor();
        assertThat(left).exists();
        assertThat(Host.output(Host.java(ConfinedMain.class, "confined"))).contains("exit 0");
        assertThat(left.getParent()).doesNotExist();
    }

    /// What a JVM says that may make no user namespace.
    private static String withoutNamespaces(String mode) {
        List<String> words = new ArrayList<>(List.of("unshare", "-U", "-r", "/bin/sh", "-c"));
        words.add("echo 0 > /proc/sys/user/max_user_namespaces; exec \"$@\"");
        words.add("sh");
        words.addAll(Host.java(ConfinedMain.class, mode));
        return Host.output(words);
    }
}
