package io.cloister.sandbox.test.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;
import io.cloister.sandbox.test.assertions.SandboxAssertions;
import io.cloister.sandbox.test.fake.FakeSandbox;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.opentest4j.AssertionFailedError;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

@Timeout(60)
class SandboxExtensionTest {

    /// What the cases leave for their test to look at.
    private static final List<Object> SEEN = new ArrayList<>();

    @BeforeEach
    void clear() {
        SEEN.clear();
    }

    private static <T> T seen(Class<T> type) {
        return SEEN.stream().filter(type::isInstance).map(type::cast).findFirst().orElseThrow();
    }

    @SandboxTest(fake = true)
    static class Closing {
        @Test
        void fails(
                Sandbox sandbox,
                SandboxSession session,
                SandboxPool.Lease lease,
                Sandbox.Builder builder,
                FakeSandbox fake) {
            fake.script(more -> more.otherwise().goesOn());
            Sandbox own = builder.build();
            SEEN.addAll(List.of(sandbox, session, lease));
            SEEN.add(own.start(Command.of("server")));
            throw new IllegalStateException("on purpose");
        }
    }

    @Test
    void allIsClosedWhenATestHasFailed() throws Exception {
        EngineExecutionResults results = Cases.run(Closing.class);
        assertThat(Cases.failure(results)).hasMessage("on purpose");
        assertThatIllegalStateException()
                .isThrownBy(() -> seen(Sandbox.class).run("any"))
                .withMessage("the sandbox is closed");
        assertThat(seen(SandboxSession.class).isOpen()).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> seen(SandboxPool.Lease.class).run("a"));
        // One that the test built itself and left open.
        SandboxAssertions.assertThat(seen(SandboxProcess.class).onResult().get()).wasCancelled();
    }

    @SandboxTest(fake = true)
    static class Failing {
        @BeforeEach
        void script(FakeSandbox fake) {
            fake.script(more -> more.when("cc").exits(1).complains("main.c:1: error\n"));
            fake.script(more -> more.when("hog").limitReached(Limit.MEMORY).prints("half"));
        }

        @Test
        void failsByAnAssertionOnSomethingElse(Sandbox sandbox) throws Exception {
            sandbox.run("cc", "main.c");
            sandbox.run("hog");
            assertThat(1).isEqualTo(2);
        }
    }

    @Test
    void aFailedAssertionTellsWhatWasRun() {
        Throwable failure = Cases.failure(Cases.run(Failing.class));
        assertThat(failure)
                .isInstanceOf(AssertionFailedError.class)
                .hasMessageContaining("expected: 2")
                .hasMessageContaining("run of cc main.c\n")
                .hasMessageContaining("outcome:  Exited[code=1]")
                .hasMessageContaining("| main.c:1: error")
                .hasMessageContaining("run of hog\n")
                .hasMessageContaining("outcome:  LimitReached[limit=MEMORY]")
                .hasMessageContaining("evidence: fake sandbox: scripted")
                .hasMessageContaining("| half");
        assertThat(failure.getStackTrace()[0].getClassName()).doesNotContain("FailureReport");
        assertThat(((AssertionFailedError) failure).getExpected().getStringRepresentation())
                .isEqualTo("2");
    }

    @SandboxTest(fake = true)
    static class FailingOnAResult {
        @Test
        void fails(Sandbox sandbox, FakeSandbox fake) throws Exception {
            fake.script(more -> more.when("cc").exits(1).complains("main.c:1: error\n"));
            SandboxAssertions.assertThat(sandbox.run("cc")).exitedWith(0);
        }
    }

    @Test
    void whatTheMessageTellsAlreadyIsNotToldTwice() {
        assertThat(Cases.failure(Cases.run(FailingOnAResult.class)))
                .message()
                .containsOnlyOnce("main.c:1: error")
                .contains("run of cc: see above");
    }

    @SandboxTest(fake = true)
    static class Throwing {
        @Test
        void throwsSomething(Sandbox sandbox, FakeSandbox fake) throws Exception {
            fake.script(more -> more.when("cc").exits(3));
            sandbox.run("cc");
            throw new ArithmeticException("mine");
        }
    }

    @Test
    void anExceptionStaysWhatItIsAndTellsOfTheRuns() {
        Throwable failure = Cases.failure(Cases.run(Throwing.class));
        assertThat(failure).isInstanceOf(ArithmeticException.class).hasMessage("mine");
        assertThat(failure.getSuppressed())
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("run of cc", "Exited[code=3]");
    }

    @SandboxTest(fake = true)
    static class Sharing {
        @BeforeAll
        static void beforeAll(Sandbox sandbox) {
            SEEN.add(sandbox);
        }

        @BeforeEach
        void beforeEach(SandboxSession session) {
            SEEN.add(session);
        }

        @Test
        void one(Sandbox sandbox, SandboxSession session) {
            SEEN.addAll(List.of(sandbox, session));
        }

        @Test
        @SandboxTest(fake = true, memory = "1m")
        void other(Sandbox sandbox, SandboxSession session) {
            SEEN.addAll(List.of("other", sandbox, session));
        }
    }

    @Test
    void whatAClassHasItsTestsHaveUnlessTheyAreAnnotatedThemselves() {
        Cases.run(Sharing.class).testEvents().assertStatistics(s -> s.succeeded(2));
        int other = SEEN.indexOf("other");
        List<Object> ofOther = SEEN.subList(other + 1, other + 3);
        List<Object> rest = new ArrayList<>(SEEN);
        rest.removeAll(ofOther);
        assertThat(rest.stream().filter(Sandbox.class::isInstance).distinct()).hasSize(1);
        assertThat(ofOther.getFirst()).isNotIn(rest);
        assertThat(((Sandbox) ofOther.getFirst()).spec().limits().memory())
                .contains(Bytes.mebibytes(1));
    }

    @SandboxTest(fake = true)
    static class Separate {
        @Test
        void one(Sandbox sandbox) {
            SEEN.add(sandbox);
        }

        @Test
        void two(Sandbox sandbox) {
            SEEN.add(sandbox);
        }
    }

    @Test
    void eachTestHasASandboxOfItsOwn() {
        Cases.run(Separate.class).testEvents().assertStatistics(s -> s.succeeded(2));
        assertThat(SEEN).hasSize(2).doesNotHaveDuplicates();
    }

    static class Policies {
        @Test
        @SandboxTest(
                fake = true,
                policy = "judge.json",
                cpuTime = "2s",
                wallTime = "1500ms",
                pids = 7,
                output = "1k",
                profile = SyscallProfile.JUDGE)
        void all(Sandbox sandbox) {
            SEEN.add(sandbox.spec());
        }

        @Test
        @SandboxTest(fake = true, policy = "none.json")
        void none(Sandbox sandbox) {}
    }

    @Test
    void thePolicyIsThatOfTheResourceAndTheAttributes() {
        EngineExecutionResults results = Cases.run(Policies.class);
        SandboxSpec spec = seen(SandboxSpec.class);
        assertThat(spec.hostName()).contains("judge");
        assertThat(spec.limits().memory()).contains(Bytes.mebibytes(64));
        assertThat(spec.limits().cpuTime()).contains(Duration.ofSeconds(2));
        assertThat(spec.limits().wallTime()).contains(Duration.ofMillis(1500));
        assertThat(spec.limits().pids()).contains(7L);
        assertThat(spec.limits().output()).contains(Bytes.kibibytes(1));
        assertThat(spec.syscalls()).isEqualTo(SyscallPolicy.judge());
        assertThat(Cases.failure(results)).hasMessageContaining("no resource \"none.json\"");
    }

    @SandboxTest
    static class WithoutAFake {
        @Test
        void asksForOne(FakeSandbox fake) {}
    }

    @Test
    void thereIsNoFakeUnlessItWasAskedFor() {
        assertThat(Cases.failure(Cases.run(WithoutAFake.class)))
                .hasMessageContaining("@SandboxTest(fake = true)");
    }
}
