package io.cloister.sandbox.test.junit;

import io.cloister.sandbox.syscall.SyscallProfile;

import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Gives tests sandboxes as parameters. It stands on a class, or beside `@Test` on a method, which
/// does not look at that of its class then.
///
/// {@snippet :
/// @SandboxTest(memory = "256m", profile = SyscallProfile.JUDGE)
/// class SolutionTest {
///     @Test
///     void solves(Sandbox sandbox) throws InterruptedException {
///         assertThat(sandbox.run("./solution")).exitedWith(0).printedLines("42");
///     }
/// }
/// }
///
/// # Parameters
///
/// | type | what it is |
/// |---|---|
/// | `Sandbox` | a sandbox with the policy |
/// | `Sandbox.Builder` | a new builder with the policy |
/// | `SandboxSession` | a session of the sandbox |
/// | `SandboxPool.Lease` | a lease of a pool of one sandbox |
/// | `FakeSandbox` | the fake, to script it; with `fake = true` |
///
/// A test and its `@BeforeEach` and `@AfterEach` methods get the same objects, builders excepted.
/// What a constructor or a `@BeforeAll` method gets, the tests of the class get too. All of it is
/// closed when the test, or the class, is over, however it ends, and so are sandboxes that were
/// built by such a builder and left open.
///
/// # Skipped tests
///
/// Where no sandboxes can be made, a required capability is missing, or the host cannot keep the
/// policy, a test is skipped, and the reason is what [io.cloister.sandbox.HostReport] says. With
/// the configuration parameter `cloister.sandbox.skip=never` of JUnit such a test fails instead,
/// for machines that are meant to run all of them.
///
/// # Failed tests
///
/// The failure says what was run, and of each run the outcome, from what it is known, the usage and
/// both outputs, cut: in its message if it is an [AssertionError], else in a suppressed exception.
///
/// # Side by side
///
/// Tests may run in parallel: each has sandboxes of its own, and `fake = true` gives the fake to
/// these sandboxes alone.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith(SandboxExtension.class)
public @interface SandboxTest {

    /// {@return the policy: a resource with its JSON, beside the test class or, with a leading
    /// slash, anywhere on its class path; empty: the strict default}
    String policy() default "";

    /// {@return the limit on memory, such as `256m`; empty: that of the policy}
    String memory() default "";

    /// {@return the limit on processor time, such as `2s`; empty: that of the policy}
    String cpuTime() default "";

    /// {@return the limit on wall time, such as `10s`; empty: that of the policy}
    String wallTime() default "";

    /// {@return the limit on processes and threads; 0: that of the policy}
    int pids() default 0;

    /// {@return the limit on output, such as `1m`; empty: that of the policy}
    String output() default "";

    /// {@return the system calls; nothing: those of the policy}
    SyscallProfile[] profile() default {};

    /// {@return the features of the host that are needed, by their names in
    /// [io.cloister.sandbox.HostReport]; see [NeedsCapability]}
    String[] needs() default {};

    /// {@return whether a fake makes the sandboxes, so that nothing runs and nothing is enforced}
    boolean fake() default false;
}
