package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.EmptyDirectory;
import io.cloister.sandbox.policy.Isolation;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.Tmpfs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// What a tier without namespaces cannot keep is refused, by the names of the calls.
class ConfinedChecksTest {

    private static Arguments refused(String message, UnaryOperator<Sandbox.Builder> call) {
        return Arguments.of(message, call);
    }

    private static final String EXCLUDE = " and confined() exclude each other";

    static Stream<Arguments> conflicts() {
        Path tree = Path.of("/srv/in");
        return Stream.of(
                refused("hostMount()" + EXCLUDE, b -> b.hostMount()),
                refused("hostPid()" + EXCLUDE, b -> b.hostPid()),
                refused("hostNet()" + EXCLUDE, b -> b.hostNet()),
                refused("hostIpc()" + EXCLUDE, b -> b.hostIpc()),
                refused("root(...), writableRoot(...) or emptyRoot()" + EXCLUDE, b -> b.root(tree)),
                refused(
                        "root(...), writableRoot(...) or emptyRoot()" + EXCLUDE,
                        b -> b.writableRoot(tree)),
                refused(
                        "root(...), writableRoot(...) or emptyRoot()" + EXCLUDE,
                        b -> b.emptyRoot()),
                refused(
                        "proc(...), hideProc(...) or readOnlyProc(...)" + EXCLUDE,
                        b -> b.hideProc("/proc/cmdline")),
                refused(
                        "proc(...), hideProc(...) or readOnlyProc(...)" + EXCLUDE,
                        b ->
                                b.proc(
                                        new ProcFilesystem(
                                                ProcFilesystem.View.ABSENT, List.of(), List.of()))),
                refused(
                        "scratchSize(...) or scratchInodes(...), which it does not limit,"
                                + EXCLUDE,
                        b -> b.scratchSize(Bytes.mebibytes(1))),
                refused(
                        "scratchSize(...) or scratchInodes(...), which it does not limit,"
                                + EXCLUDE,
                        b -> b.scratchInodes(10)),
                refused(
                        "a tmpfs, file, directory or link (/work)" + EXCLUDE,
                        b -> b.mount(new Tmpfs("/work", Bytes.mebibytes(1), 10, 0700))),
                refused(
                        "a tmpfs, file, directory or link (/etc/x)" + EXCLUDE,
                        b -> b.file("/etc/x", new byte[0])),
                refused(
                        "a tmpfs, file, directory or link (/d)" + EXCLUDE,
                        b -> b.mount(new EmptyDirectory("/d"))),
                refused(
                        "a tmpfs, file, directory or link (/l)" + EXCLUDE,
                        b -> b.symlink("/l", "x")),
                refused(
                        "confined() shows the host's own paths: /srv/in must be shown at the same"
                                + " path, was /in",
                        b -> b.readOnly(tree, "/in")),
                refused(
                        "nosymfollow() (/srv/in)" + EXCLUDE,
                        b -> b.mount(Bind.readOnly(tree, "/srv/in").nosymfollow())),
                refused(
                        "user(...), groups(...), mapUids(...) or mapGids(...)" + EXCLUDE,
                        b -> b.user(7, 7)),
                refused(
                        "user(...), groups(...), mapUids(...) or mapGids(...)" + EXCLUDE,
                        b -> b.mapUids(1000, 100000, 10).mapGids(1000, 100000, 10)),
                refused("hostName(...)" + EXCLUDE, b -> b.hostName("box")),
                refused("domainName(...)" + EXCLUDE, b -> b.domainName("lan")),
                refused(
                        "clockOffset(...)" + EXCLUDE,
                        b -> b.clockOffset(SandboxClock.MONOTONIC, Duration.ofHours(1))),
                refused("a capability" + EXCLUDE, b -> b.keepCapabilities(Capability.CHOWN)),
                refused(
                        "allowTcpBind(...) or allowTcpConnect(...)" + EXCLUDE,
                        b -> b.allowTcpBind(80)),
                refused(
                        "allowTcpBind(...) or allowTcpConnect(...)" + EXCLUDE,
                        b -> b.allowTcpConnect(443)));
    }

    @ParameterizedTest
    @MethodSource("conflicts")
    void theMessageNamesBothCalls(String message, UnaryOperator<Sandbox.Builder> call) {
        Sandbox.Builder builder = call.apply(Sandbox.builder());
        assertThat(builder.spec().isolation()).isEqualTo(Isolation.NAMESPACES);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.confined().spec())
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.confinedIfNeeded().spec())
                .withMessage(message.replace("confined()", "confinedIfNeeded()"));
    }

    @Test
    void aDescriptorIsNoPathOfTheHost() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sandbox.builder().confined().mount(Bind.readOnly(7, "/x")).spec())
                .withMessageStartingWith("confined() shows the host's own paths: ")
                .withMessageEndingWith(" must be shown at the same path, was /x");
    }

    @Test
    void whatItCanKeepIsTaken() {
        Sandbox.Builder builder =
                Sandbox.builder()
                        .confined()
                        .readOnly(Path.of("/srv/in"))
                        .writable(Path.of("/srv/out"))
                        .hostUts()
                        .hostCgroup()
                        .hostTime()
                        .denyTcpBind()
                        .denyTcpConnect()
                        .memoryLimit(Bytes.mebibytes(64));
        assertThat(builder.spec().isolation()).isEqualTo(Isolation.CONFINED);
        assertThat(builder.requireNamespaces().spec().isolation()).isEqualTo(Isolation.NAMESPACES);
    }
}
