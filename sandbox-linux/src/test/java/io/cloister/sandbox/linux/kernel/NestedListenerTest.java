package io.cloister.sandbox.linux.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A JVM whose own system calls are listened to, as container managers do: the kernel lets no
/// second filter of a process have a listener.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NestedListenerTest {

    /// Executes its arguments under a filter that allows everything and has a listener.
    private static final StaticProgram LISTEN =
            new StaticProgram(
                    "listen",
                    """
                    #include <errno.h>
                    #include <fcntl.h>
                    #include <linux/filter.h>
                    #include <linux/seccomp.h>
                    #include <sys/prctl.h>
                    #include <sys/syscall.h>
                    #include <unistd.h>

                    int main(int argc, char **argv) {
                        struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
                        struct sock_fprog filter = {1, all};
                        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return errno;
                        int fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
                        if (fd < 0 || fcntl(fd, F_SETFD, 0) < 0) return errno;
                        execvp(argv[1], argv + 1);
                        return errno;
                    }
                    """);

    private static List<String> said(List<String> words) throws IOException {
        Process jvm =
                new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String text = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(jvm.onExit().join().exitValue()).isZero();
        return text.lines().toList();
    }

    @Test
    void aForbiddenCallStillEndsItsProcessAndAPolicyThatAsksIsRefused() throws IOException {
        List<String> jvm = Host.java(ListenedJvm.class);
        assertThat(said(jvm)).containsExactly("PolicyViolated[call=getppid]", "7");

        List<String> listened = new ArrayList<>(List.of(LISTEN.path().toString()));
        listened.addAll(jvm);
        List<String> lines = said(listened);
        assertThat(lines.get(0))
                .isEqualTo(
                        "PolicyViolated[call=not named, since what runs this JVM listens to its"
                                + " system calls]");
        assertThat(lines.get(1)).contains("syscall filter", "EBUSY", "listens");
    }
}
