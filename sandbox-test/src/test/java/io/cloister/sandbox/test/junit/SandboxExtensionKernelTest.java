package io.cloister.sandbox.test.junit;

import static io.cloister.sandbox.test.assertions.SandboxAssertions.assertThat;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Pipeline;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.syscall.SyscallProfile;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.opentest4j.AssertionFailedError;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/// The kit as its users have it, on the provider of this system.
@Tag("kernel")
@Timeout(120)
@SandboxTest(wallTime = "20s")
class SandboxExtensionKernelTest {

    @Test
    void aCommandRuns(Sandbox sandbox) throws Exception {
        assertThat(sandbox.run("/bin/sh", "-c", "echo one; echo two; echo three >&2; exit 4"))
                .exitedWith(4)
                .printedLines("one", "two")
                .complained("three\n")
                .tookLessThan(Duration.ofSeconds(20))
                .enforced("systemCalls", "net", "noNewPrivileges")
                .enforced(Limit.WALL_TIME, Limit.OUTPUT);
    }

    @Test
    void aLimitKills(Sandbox.Builder builder) throws Exception {
        try (Sandbox sandbox = builder.wallTimeLimit(Duration.ofMillis(200)).build()) {
            assertThat(sandbox.run("sleep", "60")).wasKilledBy(Limit.WALL_TIME);
        }
        try (Sandbox sandbox = builder.outputLimit(Bytes.of(10)).build()) {
            assertThat(sandbox.run("yes")).wasKilledBy(Limit.OUTPUT);
        }
    }

    @Test
    @SandboxTest(profile = SyscallProfile.JUDGE, wallTime = "20s")
    @NeedsCapability("seccomp filter")
    void aForbiddenCallIsNamed(Sandbox sandbox) throws Exception {
        assertThat(sandbox.run("unshare", "--user", "true")).violated("unshare");
    }

    @Test
    void sessionsAndLeasesWork(SandboxSession session, SandboxPool.Lease lease) throws Exception {
        session.files().write("/tmp/a", new byte[] {'h', 'i'});
        assertThat(session.run("cat", "/tmp/a")).printed("hi");
        assertThat(lease.run("cat", "/tmp/a")).exitedWith(1);
    }

    @Test
    void sandboxesJoinSessions(SandboxSession session, Sandbox.Builder builder) throws Exception {
        try (Sandbox joined = builder.joinUts(session).build()) {
            assertThat(joined.run("hostname")).printedLines("sandbox");
        }
    }

    @Test
    void pipelinesWork(Sandbox sandbox) throws Exception {
        var result =
                Pipeline.chain(sandbox, Command.of("echo", "hello"), Command.of("tr", "a-z", "A-Z"))
                        .build()
                        .run();
        assertThat(result.toString()).contains("Exited[code=0]");
    }

    private static final AtomicReference<Sandbox> USED = new AtomicReference<>();

    @SandboxTest(wallTime = "20s")
    static class Failing {
        @Test
        void fails(Sandbox sandbox) throws Exception {
            USED.set(sandbox);
            sandbox.run("/bin/sh", "-c", "echo before; echo aside >&2; kill -SEGV $$");
            assertThat(true).isFalse();
        }
    }

    @Test
    void aFailureTellsWhatTheKernelSaid() {
        Throwable failure = Cases.failure(Cases.run(Failing.class));
        assertThat(failure)
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageContaining("run of /bin/sh -c echo before;")
                .hasMessageContaining("Signalled")
                .hasMessageContaining("wait status: ")
                .hasMessageContaining("| before")
                .hasMessageContaining("| aside");
        assertThat(USED.get().toString()).contains("closed");
    }
}
