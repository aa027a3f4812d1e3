package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.SetupStep;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;

class HintsTest {

    private static final List<String> ERRORS =
            List.of(
                    "EPERM", "ENOENT", "EAGAIN", "ENOMEM", "EACCES", "EEXIST", "ENOTDIR", "EINVAL",
                    "ENFILE", "EMFILE", "ENOSPC", "ELOOP", "E2BIG", "ENOEXEC", "ESTALE", "EUSERS",
                    "ENOSYS", "E#4242", "");

    @ParameterizedTest
    @EnumSource
    void everyStepHasAHintForEveryErrorThatBeginsWithItsMeaning(SetupStep step) {
        for (String errno : ERRORS) {
            String hint = Hints.of(step, errno, "the meaning");
            assertThat(hint).as("%s %s", step, errno).startsWith("the meaning");
            assertThat(hint).doesNotContain("null").doesNotContain("\n").doesNotContain("  ");
            assertThat(hint).doesNotEndWith(";").doesNotEndWith(" ").doesNotEndWith(".");
            assertThat(hint)
                    .satisfiesAnyOf(
                            h -> assertThat(h).isEqualTo("the meaning"),
                            h -> assertThat(h).startsWith("the meaning; ").hasSizeGreaterThan(25));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CREATE_NAMESPACES, EPERM, kernel.unprivileged_userns_clone",
        "CREATE_NAMESPACES, ENOSPC, user.max_user_namespaces",
        "CREATE_NAMESPACES, EUSERS, user.max_user_namespaces",
        "CREATE_NAMESPACES, EAGAIN, ulimit -u",
        "MAP_USERS, EPERM, kernel.apparmor_restrict_unprivileged_userns",
        "MOUNT, ENOENT, must exist",
        "MOUNT, ELOOP, symbolic link",
        "MOUNT, ESTALE, try again",
        "MOUNT, ENOTDIR, both be directories",
        "MOUNT, EINVAL, both be directories",
        "PROC, EPERM, View.ABSENT",
        "FILE, ENOSPC, scratchSize",
        "LIMITS, EPERM, ulimit -H",
        "WORK_DIRECTORY, ENOENT, tmpfs",
        "EXECUTE, ENOENT, no such program",
        "EXECUTE, EACCES, x bit",
        "EXECUTE, ENOEXEC, #!",
        "EXECUTE, E2BIG, ARG_MAX",
        "SYSCALL_FILTER, EINVAL, CONFIG_SECCOMP_FILTER",
        "OPEN_STREAMS, EMFILE, ulimit -n",
        "START_LAUNCHER, ENFILE, fs.file-max"
    })
    void aKnownCauseIsNamed(SetupStep step, String errno, String named) {
        assertThat(Hints.of(step, errno, "m")).startsWith("m; ").contains(named);
    }

    @Test
    void whoIsOutOfDescriptorsHearsHowManyThereAreAndWhatToDo() {
        assertThat(Hints.outOfDescriptors(20000))
                .contains("all 20000 descriptors", "ulimit -n", "takes about 12");
    }

    @Test
    void theHintForProcIsNotGivenForOtherMounts() {
        assertThat(Hints.of(SetupStep.MOUNT, "EPERM", "m")).doesNotContain("/proc");
        assertThat(Hints.of(SetupStep.PROC, "ENOENT", "m")).doesNotContain("unmasked");
    }
}
