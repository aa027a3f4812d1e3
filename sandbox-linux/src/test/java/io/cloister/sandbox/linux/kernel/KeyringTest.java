package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Keys of one sandbox are not seen in another, where commands can have keys at all.
@Tag("kernel")
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KeyringTest {

    /// Prints what adding a key to the session keyring and searching it there gave: the serial
    /// number was positive, or the name of the error.
    private static final String SCRIPT =
            """
            import ctypes, errno, platform, sys
            add, ctl = (248, 250) if platform.machine() == 'x86_64' else (217, 219)
            libc = ctypes.CDLL(None, use_errno=True)
            libc.syscall.restype = ctypes.c_long
            session = ctypes.c_long(-3)
            def call(*args):
                r = libc.syscall(*args)
                return 'a key' if r > 0 else errno.errorcode[ctypes.get_errno()]
            if 'add' in sys.argv:
                print(call(ctypes.c_long(add), b'user', b'word', b'secret', ctypes.c_long(6), session))
            print(call(ctypes.c_long(ctl), ctypes.c_long(10), session, b'user', b'word', ctypes.c_long(0)))
            sys.stdout.flush()
            if 'wait' in sys.argv:
                sys.stdin.read()
            """;

    private static final SyscallPolicy OPEN =
            SyscallPolicy.standard().allow(Syscall.ADD_KEY, Syscall.KEYCTL, Syscall.REQUEST_KEY);

    private static Command keys(String... what) {
        return Command.of("/usr/bin/python3", "-c", SCRIPT).args(what);
    }

    @BeforeEach
    void needs() {
        Host.needsProgram("python3", "python3");
        Assumptions.assumeTrue(
                Files.exists(Path.of("/proc/key-users")),
                "needs keyrings: run a kernel with CONFIG_KEYS");
    }

    @Test
    void aCommandHasAKeyringThatItFindsItsKeyIn() throws Exception {
        assertThat(Runs.run(strict().syscalls(OPEN), keys("add"))).printed("a key\na key\n");
    }

    @Test
    void twoRunsDoNotSeeEachOthersKeys() throws Exception {
        try (Sandbox sandbox = strict().syscalls(OPEN).build()) {
            SandboxProcess first = sandbox.start(keys("add", "wait"));
            checkThatItHasAKey(first);
            assertThat(sandbox.run(keys())).printed("ENOKEY\n");
            end(first);
        }
    }

    @Test
    void commandsOfASessionShareOneThatNobodyElseHas() throws Exception {
        try (Sandbox sandbox = strict().syscalls(OPEN).build();
                SandboxSession session = sandbox.open();
                SandboxSession other = sandbox.open()) {
            SandboxProcess first = session.start(keys("add", "wait"));
            checkThatItHasAKey(first);
            assertThat(session.run(keys())).printed("a key\n");
            assertThat(other.run(keys())).printed("ENOKEY\n");
            assertThat(sandbox.run(keys())).printed("ENOKEY\n");
            end(first);
        }
    }

    @Test
    void whereTheProfileClosesTheCallsThereAreNone() throws Exception {
        assertThat(Runs.run(strict(), keys("add"))).printed("ENOSYS\nENOSYS\n");
    }

    private static void checkThatItHasAKey(SandboxProcess process) throws Exception {
        BufferedReader reader = process.inputReader();
        assertThat(reader.readLine()).isEqualTo("a key");
        assertThat(reader.readLine()).isEqualTo("a key");
    }

    private static void end(SandboxProcess process) throws Exception {
        process.getOutputStream().close();
        assertThat(process.waitForResult()).exited(0);
    }
}
