package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class SandboxExceptionTest {
    @Test
    void aFailedStepTellsStepIndexDetailErrnoAndHint() {
        SandboxLaunchException e =
                new SandboxLaunchException(
                        SetupStep.MOUNT, 3, "/srv/in -> /in, bind,ro", 1, "EPERM", "see dmesg");
        assertThat(e)
                .hasMessage(
                        "mount #3 (/srv/in -> /in, bind,ro) failed: EPERM (errno 1); see dmesg");
        assertThat(e.step()).isEqualTo(SetupStep.MOUNT);
        assertThat(e.index()).isEqualTo(3);
        assertThat(e.detail()).isEqualTo("/srv/in -> /in, bind,ro");
        assertThat(e.errno()).isEqualTo(1);
        assertThat(e.errnoName()).isEqualTo("EPERM");
        assertThat(e.hint()).isEqualTo("see dmesg");
    }

    @Test
    void whatAStepDoesNotHaveIsLeftOut() {
        assertThat(new SandboxLaunchException(SetupStep.ADMIT, -1, "", 0, "", "the host is full"))
                .hasMessage("admit failed: the host is full");
        assertThat(new SandboxLaunchException(SetupStep.EXECUTE, -1, "nope", 2, "ENOENT", ""))
                .hasMessage("execute (nope) failed: ENOENT (errno 2)");
        assertThat(new SandboxLaunchException(SetupStep.FILE, 0, "", 0, "", ""))
                .hasMessage("file #0 failed");
    }

    @Test
    void stepsHaveDifferentLabels() {
        assertThat(Arrays.stream(SetupStep.values()).map(SetupStep::label)).doesNotHaveDuplicates();
        assertThat(SetupStep.CREATE_NAMESPACES.label()).isEqualTo("create namespaces");
    }

    @Test
    void whatIsMissingComesWithItsRemedy() {
        SandboxUnavailableException e =
                new SandboxUnavailableException(
                        "hostTime cannot be kept", "time namespaces", "run Linux 5.6 or newer");
        assertThat(e).hasMessage("hostTime cannot be kept; run Linux 5.6 or newer");
        assertThat(e.missing()).isEqualTo("time namespaces");
        assertThat(e.remedy()).isEqualTo("run Linux 5.6 or newer");
    }
}
