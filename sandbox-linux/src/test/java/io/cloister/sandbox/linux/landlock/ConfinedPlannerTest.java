package io.cloister.sandbox.linux.landlock;

import static io.cloister.sandbox.linux.landlock.FileRight.*;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.landlock.ConfinedPlanner.Place;
import io.cloister.sandbox.linux.landlock.LandlockPlan.PathRule;
import io.cloister.sandbox.linux.plan.TestHost;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

class ConfinedPlannerTest {

    private static LandlockPlan plan(int abi, Place... places) {
        return ConfinedPlanner.plan(TestHost.TREE, Arrays.asList(places), LandlockSupport.of(abi));
    }

    private static Map<String, Set<FileRight>> paths(LandlockPlan plan) {
        return plan.paths().stream().collect(Collectors.toMap(PathRule::path, PathRule::rights));
    }

    @Test
    void whatAMinimalRootShowsIsOpenAndNothingElse() {
        Set<FileRight> programs = Set.of(READ_FILE, READ_DIR, EXECUTE);
        Set<FileRight> device = Set.of(READ_FILE, WRITE_FILE, IOCTL_DEV);
        assertThat(paths(plan(7)))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "/usr",
                                programs,
                                "/lib64",
                                programs,
                                "/etc/ld.so.cache",
                                Set.of(READ_FILE),
                                "/etc/ssl/certs",
                                Set.of(READ_FILE, READ_DIR),
                                "/dev/null",
                                device,
                                "/dev/zero",
                                device,
                                "/dev/urandom",
                                device,
                                "/proc/self",
                                Set.of(READ_FILE, READ_DIR, WRITE_FILE, TRUNCATE),
                                "/proc/cpuinfo",
                                Set.of(READ_FILE),
                                "/proc/meminfo",
                                Set.of(READ_FILE)));
    }

    @Test
    void onlyThePrivateDirectoryAndWritablePlacesCanBeChanged() {
        LandlockPlan plan =
                plan(
                        7,
                        new Place("/srv/in", true, false, true, false),
                        new Place("/srv/data", true, false, false, false),
                        new Place("/srv/out", true, true, true, false),
                        new Place("/srv/file", false, true, false, false));
        Map<String, Set<FileRight>> paths = paths(plan);
        assertThat(paths.get("/srv/in")).containsExactlyInAnyOrder(READ_FILE, READ_DIR, EXECUTE);
        assertThat(paths.get("/srv/data")).containsExactlyInAnyOrder(READ_FILE, READ_DIR);
        assertThat(paths.get("/srv/out"))
                .contains(READ_FILE, WRITE_FILE, MAKE_REG, REMOVE_DIR, REFER, EXECUTE)
                .doesNotContain(MAKE_CHAR, MAKE_BLOCK, IOCTL_DEV);
        assertThat(paths.get("/srv/file"))
                .containsExactlyInAnyOrder(READ_FILE, WRITE_FILE, TRUNCATE);
        assertThat(plan.scratch())
                .contains(READ_FILE, WRITE_FILE, MAKE_REG, REMOVE_DIR, REFER, EXECUTE)
                .doesNotContain(MAKE_CHAR, MAKE_BLOCK, RESOLVE_UNIX);
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 7, 8, 9, 10, 11})
    void allThatTheVersionKnowsIsClosed(int abi) {
        LandlockPlan plan = plan(abi);
        assertThat(plan.fileBits()).isEqualTo(abi >= 9 ? 0x1ffff : 0xffff);
        assertThat(plan.portBits()).isEqualTo(abi >= 10 ? 15 : 3);
        assertThat(plan.scopeBits()).isEqualTo(3);
        assertThat(plan.openPorts()).isEmpty();
        assertThat(plan.paths())
                .allSatisfy(rule -> assertThat(rule.rights()).doesNotContain(RESOLVE_UNIX));
    }

    @Test
    void linksAreFollowedOnTheHostsOwnWaysOnly() {
        LandlockPlan plan = plan(7, new Place("/srv/in", true, false, true, false));
        assertThat(plan.paths())
                .filteredOn(rule -> !rule.hosts())
                .extracting(PathRule::path)
                .isEqualTo(List.of("/srv/in"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void withLessTheTierIsRefused(int abi) {
        LandlockSupport support =
                abi == 0 ? LandlockSupport.missing("there is none") : LandlockSupport.of(abi);
        assertThatThrownBy(() -> ConfinedPlanner.admit(support))
                .isInstanceOfSatisfying(
                        SandboxUnavailableException.class,
                        e -> assertThat(e.remedy()).contains("6.12"))
                .hasMessageContaining(abi == 0 ? "there is none" : "ABI " + abi);
        assertThatCode(() -> ConfinedPlanner.admit(LandlockSupport.of(6)))
                .doesNotThrowAnyException();
    }
}
