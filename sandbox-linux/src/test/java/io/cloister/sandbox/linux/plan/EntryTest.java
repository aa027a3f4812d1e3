package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.plan.Entry.Door;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Set;

/// The way into the namespaces of a session.
class EntryTest {

    private static final Set<Namespace> NET = Set.of(Namespace.NET);
    private static final Set<Namespace> BOTH = Set.of(Namespace.PID, Namespace.NET);

    @Test
    void aPrivilegedLauncherEntersFromTheHost() {
        for (boolean below : new boolean[] {true, false}) {
            assertThat(Entry.plan(NET, false, true, below))
                    .isEqualTo(new Entry(List.of(Door.NET), false, List.of(), false));
        }
    }

    @Test
    void anOrdinaryOneEntersFromAboveTheSession() {
        assertThat(Entry.plan(BOTH, false, false, false))
                .isEqualTo(
                        new Entry(
                                List.of(Door.PARENT_USER, Door.PID, Door.NET),
                                true,
                                List.of(),
                                false));
    }

    @Test
    void nobodyEntersTheUserNamespaceWhoIsNotToTrace() {
        for (boolean privileged : new boolean[] {true, false}) {
            assertThat(Entry.plan(BOTH, false, privileged, false).doors())
                    .doesNotContain(Door.USER);
        }
        assertThatExceptionOfType(SandboxUnavailableException.class)
                .isThrownBy(() -> Entry.plan(BOTH, false, false, true))
                .withMessageContaining("only enter whole");
    }

    @Test
    void aTracerEntersTheUserNamespaceLastAndIsHidden() {
        assertThat(Entry.plan(BOTH, true, true, false))
                .isEqualTo(new Entry(List.of(Door.PID, Door.NET), true, List.of(Door.USER), true));
        assertThat(Entry.plan(BOTH, true, false, false))
                .isEqualTo(
                        new Entry(
                                List.of(Door.PARENT_USER, Door.PID, Door.NET),
                                true,
                                List.of(Door.USER),
                                true));
        // There is no other way to any of them.
        assertThat(Entry.plan(BOTH, true, false, true))
                .isEqualTo(
                        new Entry(List.of(Door.USER, Door.PID, Door.NET), true, List.of(), true));
    }
}
