package io.cloister.sandbox.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.policy.ProcFilesystem.View;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class ProcFilesystemTest {
    private final ProcFilesystem standard = ProcFilesystem.standard();

    @Test
    void theStandardHidesWhatTellsAboutTheHost() {
        assertThat(standard.view()).isEqualTo(View.FULL);
        assertThat(standard.masked())
                .contains("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/config.gz")
                .hasSize(19);
        assertThat(standard.readOnly())
                .containsExactly(
                        "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");
    }

    @Test
    void hidingAPathTwiceIsHidingItOnce() {
        ProcFilesystem hidden = standard.hide("/proc/stat");
        assertThat(hidden.masked()).contains("/proc/stat");
        assertThat(hidden.hide("/proc/stat")).isEqualTo(hidden);
        assertThat(standard.masked()).doesNotContain("/proc/stat");
    }

    @Test
    void hidingWinsOverReadOnly() {
        ProcFilesystem hidden = standard.hide("/proc/sys");
        assertThat(hidden.masked()).contains("/proc/sys");
        assertThat(hidden.readOnly()).doesNotContain("/proc/sys");
        assertThat(hidden.protect("/proc/sys")).isEqualTo(hidden);
        assertThat(standard.protect("/proc/tty").readOnly()).contains("/proc/tty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc", "/proc", "/proc/../etc", "/proc/", "proc/stat", "/proc/a\nb"})
    void refusesPathsOutsideOfProc(String path) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> standard.hide(path))
                .withMessageStartingWith("a path of proc must");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> standard.protect(path))
                .withMessageStartingWith("a path of proc must");
    }

    @Test
    void onePathIsEitherHiddenOrReadOnly() {
        List<String> stat = List.of("/proc/stat");
        assertThat(new ProcFilesystem(View.FULL, stat, List.of()).masked()).isEqualTo(stat);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ProcFilesystem(View.FULL, stat, stat))
                .withMessage(
                        "a path of proc must be hidden or read-only once, was twice"
                                + " \"/proc/stat\"");
    }
}
