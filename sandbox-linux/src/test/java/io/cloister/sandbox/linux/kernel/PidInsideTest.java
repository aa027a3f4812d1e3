package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Victims.strict;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxSession;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.BufferedReader;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// The id that a command has inside is the one that it reads of itself.
@Tag("kernel")
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PidInsideTest {

    private static final Command SHELL = Command.of("/bin/sh", "-c", "echo $$; read line");

    /// What a command that prints its id says, and what the JVM does.
    private record Ids(long printed, OptionalLong inside, long outside) {}

    private static Ids ids(SandboxProcess process) throws Exception {
        BufferedReader reader = process.inputReader();
        Ids ids = new Ids(Long.parseLong(reader.readLine()), process.pidInside(), process.pid());
        process.getOutputStream().close();
        process.waitForResult();
        assertThat(process.pidInside()).isEmpty();
        return ids;
    }

    @Test
    void aRunHasANumberOfItsOwnNamespace() throws Exception {
        try (Sandbox sandbox = strict().build()) {
            Ids ids = ids(sandbox.start(SHELL));
            assertThat(ids.inside()).hasValue(ids.printed());
            assertThat(ids.outside()).isNotEqualTo(ids.printed());
        }
    }

    @Test
    void commandsOfASessionHaveNumbersOfTheirCommonNamespace() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open()) {
            SandboxProcess first = session.start(SHELL);
            Ids second = ids(session.start(SHELL));
            assertThat(second.inside()).hasValue(second.printed());
            Ids one = ids(first);
            assertThat(one.inside()).hasValue(one.printed());
            assertThat(one.printed()).isNotEqualTo(second.printed());
        }
    }

    @Test
    void whoJoinsTheProcessesOfASessionHasANumberThere() throws Exception {
        try (Sandbox sandbox = strict().build();
                SandboxSession session = sandbox.open();
                Sandbox joined = strict().joinPid(session).build()) {
            Ids ids = ids(joined.start(SHELL));
            assertThat(ids.inside()).hasValue(ids.printed());
        }
    }

    @Test
    void amongTheProcessesOfTheHostThereIsNone() throws Exception {
        try (Sandbox sandbox = strict().hostPid().build()) {
            Ids ids = ids(sandbox.start(SHELL));
            assertThat(ids.inside()).isEmpty();
            assertThat(ids.outside()).isEqualTo(ids.printed());
        }
    }
}
