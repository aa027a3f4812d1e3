package io.cloister.sandbox.test.fake;

import static io.cloister.sandbox.test.assertions.SandboxAssertions.assertThat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxFiles;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.SandboxUnavailableException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

@Timeout(60)
class FakeSessionTest {
    private final FakeSandbox fake =
            FakeSandbox.builder()
                    .when("make")
                    .writes("/work/out/app", "binary")
                    .when("hog")
                    .limitReached(Limit.MEMORY)
                    .when("server")
                    .goesOn()
                    .build();
    private final Sandbox sandbox =
            Sandbox.builder().provider(fake.provider()).tmpfs("/work", Bytes.mebibytes(1)).build();

    @AfterEach
    void close() {
        sandbox.close();
    }

    private static void refuses(Reason reason, Runnable action) {
        assertThatExceptionOfType(SandboxFileException.class)
                .isThrownBy(action::run)
                .extracting(SandboxFileException::reason)
                .isEqualTo(reason);
    }

    @Test
    void filesStayFromOneCommandToTheNext() throws Exception {
        try (SandboxSession session = sandbox.open()) {
            assertThat(session.run("make")).exitedWith(0);
            SandboxFiles files = session.files();
            assertThat(files.read("/work/out/app")).asString().isEqualTo("binary");
            assertThat(files.list("/work/out")).hasSize(1);
            files.write("/tmp/a", new byte[] {1, 2});
            assertThat(files.exists("/tmp/a")).isTrue();
            assertThat(files.delete("/tmp/a")).isTrue();
            assertThat(files.delete("/tmp/a")).isFalse();
            assertThat(files.deleteTree(SandboxPath.of("/work/out"))).isTrue();
            assertThat(files.list("/work")).isEmpty();
            assertThat(fake.runs().getFirst().inSession()).isTrue();
        }
    }

    @Test
    void filesAreRefusedForTheSameReasons() {
        SandboxSession session = sandbox.open();
        SandboxFiles files = session.files();
        byte[] none = {};
        refuses(Reason.NOT_FOUND, () -> files.read("/tmp/none"));
        refuses(Reason.NOT_FOUND, () -> files.write("/tmp/none/a", none));
        refuses(Reason.READ_ONLY, () -> files.write("/etc", none));
        refuses(Reason.READ_ONLY, () -> files.createDirectories("/srv"));
        refuses(Reason.IS_DIRECTORY, () -> files.read("/tmp"));
        refuses(Reason.IS_DIRECTORY, () -> files.write("/work", none));
        refuses(Reason.MOUNT, () -> files.delete("/work"));
        files.createDirectories("/tmp/a/b");
        refuses(Reason.EXISTS, () -> files.delete("/tmp/a"));
        files.write("/tmp/f", new byte[3]);
        refuses(Reason.TOO_LARGE, () -> files.read("/tmp/f", Bytes.of(2)));
        refuses(Reason.NOT_DIRECTORY, () -> files.list("/tmp/f"));
        refuses(Reason.TOO_MANY, () -> files.list(SandboxPath.of("/tmp"), 1));
        session.close();
        refuses(Reason.CLOSED, () -> files.read("/tmp/f"));
    }

    @Test
    void treesAreCopiedInAndOut(@TempDir Path host) throws Exception {
        Path source = Files.createDirectories(host.resolve("src/sub"));
        Files.writeString(source.resolve("a"), "A");
        Path target = host.resolve("copy");
        try (SandboxSession session = sandbox.open()) {
            SandboxFiles files = session.files();
            SandboxPath inside = SandboxPath.of("/work/src");
            files.copyIn(host.resolve("src"), inside, CopyOptions.defaults());
            assertThat(files.read("/work/src/sub/a")).asString().isEqualTo("A");
            assertThat(files.copyOut(inside, target, CopyOptions.defaults()).files()).isOne();
            assertThat(target.resolve("sub/a")).hasContent("A");
            refuses(Reason.EXISTS, () -> files.copyOut(inside, target, CopyOptions.defaults()));
            refuses(
                    Reason.TOO_LARGE,
                    () ->
                            files.copyOut(
                                    inside,
                                    host.resolve("no"),
                                    CopyOptions.defaults().maxBytes(Bytes.of(0))));
            assertThat(host.resolve("no")).doesNotExist();
            Files.createSymbolicLink(source.resolve("link"), Path.of("a"));
            refuses(
                    Reason.LINK,
                    () -> files.copyIn(host.resolve("src"), inside, CopyOptions.defaults()));
            assertThat(
                            files.copyIn(
                                            host.resolve("src"),
                                            inside,
                                            CopyOptions.defaults().skipOthers())
                                    .skippedCount())
                    .isOne();
        }
    }

    @Test
    void whatACommandDeclaresIsCollected(@TempDir Path host) throws Exception {
        assertThat(sandbox.run(Command.of("make").collect("/work/out/app", host.resolve("app"))))
                .exitedWith(0)
                .collected("/work/out/app");
        assertThat(host.resolve("app")).hasContent("binary");
        assertThat(
                        sandbox.run(Command.of("hog").collect("/work/out/app", host.resolve("b")))
                                .outputs())
                .hasSize(1)
                .allSatisfy((_, files) -> assertThat(files.isCopied()).isFalse());
    }

    @Test
    void aLimitOfAllEndsTheSessionAndOneOfACommandDoesNot() throws Exception {
        try (SandboxSession session = sandbox.open()) {
            assertThat(session.run(Command.of("hog"), limits -> limits.memory(Bytes.mebibytes(1))))
                    .wasKilledBy(Limit.MEMORY);
            assertThat(session.isOpen()).isTrue();
            SandboxProcess server = session.start(Command.of("server"));
            assertThat(session.run("hog")).wasKilledBy(Limit.MEMORY);
            assertThat(session.onEnd().get()).wasKilledBy(Limit.MEMORY);
            assertThat(server.onResult().get()).wasKilledBy(Limit.MEMORY);
            assertThatIllegalStateException().isThrownBy(() -> session.run("make"));
        }
    }

    @Test
    void closingEndsItsCommands() throws Exception {
        SandboxSession session = sandbox.open();
        SandboxProcess server = session.start(Command.of("server"));
        session.pause();
        session.resume();
        assertThat(session.namespaceIds()).isNotEmpty();
        session.close();
        assertThat(server.onResult().get()).wasCancelled();
        assertThat(session.onEnd().get().outcome()).isInstanceOf(Outcome.Cancelled.class);
    }

    @Test
    void itsEndIsToldWhenItsCommandsAreOverAndWithoutItsLock() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        SandboxSession session = sandbox.open();
        SandboxProcess server = session.start(Command.of("server"));
        session.onEnd()
                .thenRun(() -> {
                    told.countDown();
                    try {
                        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
        Thread closing = Thread.startVirtualThread(session::close);
        assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(server.isAlive()).isFalse();
        // Whoever else asks it does not wait for those who are told.
        assertThatIllegalStateException().isThrownBy(() -> session.run("make"));
        asked.countDown();
        closing.join();
    }

    @Test
    void closingItReturnsWhenItsCommandsAreOver() {
        SandboxSession session = sandbox.open();
        SandboxProcess server = session.start(Command.of("server"));
        session.close();
        assertThat(server.isAlive()).isFalse();
    }

    private Sandbox.Builder plain() {
        return Sandbox.builder().provider(fake.provider());
    }

    @Test
    void aPolicyWithoutProcessesOfItsOwnHasNoSessions() {
        try (Sandbox confined = plain().confined().build();
                Sandbox host = plain().hostPid().build();
                SandboxSession session = sandbox.open();
                Sandbox joining = plain().joinPid(session).build()) {
            for (Sandbox without : List.of(confined, host, joining)) {
                assertThatExceptionOfType(SandboxUnavailableException.class)
                        .isThrownBy(without::open)
                        .withMessageContaining("nothing would keep its commands together");
            }
        }
    }

    @Test
    void aPauseEndsWithItsLease() throws Exception {
        try (SandboxPool pool = SandboxPool.of(sandbox).size(1).build()) {
            try (SandboxPool.Lease lease = pool.lease()) {
                lease.session().pause();
            }
            try (SandboxPool.Lease lease = pool.lease()) {
                assertThat(lease.run("make")).exitedWith(0);
            }
            assertThat(pool.statistics().opened()).isOne();
        }
    }

    @Test
    void aPoolResetsIt() throws Exception {
        try (SandboxPool pool =
                SandboxPool.of(sandbox).size(1).patience(Duration.ofSeconds(20)).build()) {
            try (SandboxPool.Lease lease = pool.lease()) {
                lease.run("make");
                assertThat(lease.files().exists("/work/out/app")).isTrue();
            }
            try (SandboxPool.Lease lease = pool.lease()) {
                assertThat(lease.files().exists("/work/out/app")).isFalse();
            }
            assertThat(pool.statistics().opened()).isOne();
        }
    }
}
