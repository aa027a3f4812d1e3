package io.cloister.sandbox.linux.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.linux.plan.Entry;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;
import java.util.Set;

/// What a launcher does before it serves in the namespaces of a session.
class EntryProgramTest {

    private static final Set<Namespace> BOTH = Set.of(Namespace.PID, Namespace.NET);

    private static String listing(CpuArchitecture cpu, Entry entry, boolean drop) {
        return ProgramPrinter.print(EntryProgram.launcher(cpu, entry, 7, 8, drop, false));
    }

    private static int count(String text, String part) {
        return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }

    @ParameterizedTest
    @EnumSource
    void aPrivilegedOneEntersAndThenBecomesItsUser(CpuArchitecture cpu) {
        String listing = listing(cpu, Entry.plan(BOTH, false, true, false), true);
        assertThat(listing)
                .containsSubsequence(
                        "undumpable",
                        "prctl",
                        "the pid namespace",
                        "setns(7, 0x20000000)",
                        "the net namespace",
                        "setns(8, 0x40000000)",
                        "mount(",
                        "setresuid(7, 7, 7)",
                        "its children write their maps");
        assertThat(listing).doesNotContain("0x10000000");
    }

    @ParameterizedTest
    @EnumSource
    void anOrdinaryOneStaysAboveTheSession(CpuArchitecture cpu) {
        String listing = listing(cpu, Entry.plan(BOTH, false, false, false), false);
        assertThat(listing)
                .containsSubsequence(
                        "the user namespace above the session's",
                        "setns(7, 0x10000000)",
                        "setns(8, 0x20000000)",
                        "setns(9, 0x40000000)")
                .doesNotContain("the user namespace of the session", "setresuid");
        assertThat(count(listing, "setns(")).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void oneForTracersIsNeverDumpable(CpuArchitecture cpu) {
        for (boolean privileged : List.of(true, false)) {
            Entry entry = Entry.plan(BOTH, true, privileged, false);
            String listing = listing(cpu, entry, privileged);
            assertThat(listing)
                    .containsSubsequence("undumpable", "the user namespace of the", "undumpable")
                    .doesNotContain("its children write their maps");
            assertThat(count(listing, "undumpable")).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void procIsMountedWhereProcessesAreJoinedAlone(CpuArchitecture cpu) {
        Entry net = Entry.plan(Set.of(Namespace.NET), false, true, false);
        assertThat(listing(cpu, net, true)).doesNotContain("mount(", "unshare(");
    }
}
