package io.cloister.sandbox.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxLaunchException;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.program.Step;

import org.junit.jupiter.api.Test;

import java.io.IOException;

class LaunchErrorsTest {

    private static final Step STEP = new Step(SetupStep.MOUNT, 3, "/srv/in -> /in, read-only");

    @Test
    void aFailedStepIsToldWithItsIndexItsDetailTheErrorAndAHint() {
        SandboxLaunchException e = LaunchErrors.of(STEP, -2);
        assertThat(e)
                .hasMessageStartingWith(
                        "mount #3 (/srv/in -> /in, read-only) failed: ENOENT (errno 2); ")
                .hasMessageContaining("source and mount point must exist");
        assertThat(e.step()).isEqualTo(SetupStep.MOUNT);
        assertThat(e.index()).isEqualTo(3);
        assertThat(e.detail()).isEqualTo("/srv/in -> /in, read-only");
        assertThat(e.errno()).isEqualTo(2);
        assertThat(e.errnoName()).isEqualTo("ENOENT");
    }

    @Test
    void aStepOfTheJvmHasNoIndex() {
        SandboxLaunchException e = LaunchErrors.of(SetupStep.OPEN_STREAMS, "stdin", -24);
        assertThat(e).hasMessageStartingWith("open streams (stdin) failed: EMFILE (errno 24); ");
        assertThat(e.index()).isEqualTo(-1);
    }

    @Test
    void anUnknownErrorIsToldByItsNumber() {
        assertThat(LaunchErrors.of(STEP, -4000)).hasMessageContaining("E#4000 (errno 4000)");
    }

    @Test
    void aFailureWithoutAnErrorNumberSaysWhy() {
        SandboxLaunchException e = LaunchErrors.of(SetupStep.MAP_USERS, "newuidmap 1", "no entry");
        assertThat(e.getMessage()).contains("map users", "newuidmap 1", "no entry");
        assertThat(e.getMessage()).doesNotContain("errno");
    }

    @Test
    void whatIsNoErrorIsPassedOn() {
        assertThat(LaunchErrors.check(SetupStep.MOUNT, "x", 0)).isZero();
        assertThat(LaunchErrors.check(SetupStep.MOUNT, "x", 7)).isEqualTo(7);
        assertThatThrownBy(() -> LaunchErrors.check(SetupStep.MOUNT, "x", -1))
                .isInstanceOf(SandboxLaunchException.class)
                .hasMessageStartingWith("mount (x) failed: EPERM (errno 1)");
    }

    @Test
    void aFailureOfTheLoopIsThrownAgainWithTheStackOfTheCaller() {
        SandboxLaunchException there = LaunchErrors.of(STEP, -2);
        RuntimeException here = LaunchErrors.thrownHere(there);
        assertThat(here).isNotSameAs(there).hasMessage(there.getMessage());
        assertThat(here).isInstanceOf(SandboxLaunchException.class);
        assertThat(here.getSuppressed()).containsExactly(there);
    }

    @Test
    void anExceptionOfTheCallersOwnIsThrownAsItself() {
        RuntimeException there = new IllegalStateException("of a consumer");
        assertThatThrownBy(() -> LaunchErrors.thrownHere(there)).isSameAs(there);
        Error error = new AssertionError("of a consumer");
        assertThatThrownBy(() -> LaunchErrors.thrownHere(error)).isSameAs(error);
    }

    @Test
    void aCheckedExceptionIsTheCauseOfASandboxException() {
        Exception checked = new IOException("gone");
        assertThat(LaunchErrors.thrownHere(checked))
                .isInstanceOf(SandboxException.class)
                .hasCause(checked)
                .hasMessageContaining("gone");
    }
}
