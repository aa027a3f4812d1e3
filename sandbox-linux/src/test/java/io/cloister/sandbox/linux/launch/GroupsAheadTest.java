package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.linux.cgroup.CgroupHost;
import io.cloister.sandbox.linux.cgroup.CgroupRoot;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.limit.CgroupLimits;
import io.cloister.sandbox.linux.limit.Controller;
import io.cloister.sandbox.linux.plan.LimitPlan;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A group that was made before its run is there.
@Tag("kernel")
@Timeout(60)
class GroupsAheadTest {

    @Test
    void whatWasMadeAheadAndHasRestedIsTheGroupThatARunIsBornInto() throws Exception {
        CgroupHost host = CgroupHost.detect();
        Assumptions.assumeTrue(host.hasVersion2(), "no control groups of version 2");
        Set<Controller> controllers = EnumSet.of(Controller.FREEZER, Controller.CPUACCT);
        LimitPlan plan =
                new LimitPlan(
                        CgroupLimits.NONE,
                        controllers,
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        true,
                        List.of());
        try (CgroupRoot root = CgroupRoot.of(host)) {
            GroupsAhead groups = new GroupsAhead(root.shared(), () -> 0, () -> 0);
            try {
                Path first = birthplace(groups, plan);
                groups.prepare(plan);
                groups.rest();
                // It takes the number that was closed.
                int other = Kernel.open("/dev/null", O_RDONLY | O_CLOEXEC, 0);
                try {
                    assertThat(birthplace(groups, plan))
                            .isNotEqualTo(first)
                            .hasParentRaw(first.getParent());
                } finally {
                    Kernel.close(other);
                }
            } finally {
                groups.close();
            }
        }
    }

    private static Path birthplace(GroupsAhead groups, LimitPlan plan) throws Exception {
        GroupsAhead.Begun begun = groups.begin(plan).orElseThrow();
        int directory = begun.group().directory().orElseThrow();
        Path path = Files.readSymbolicLink(Path.of("/proc/self/fd/" + directory));
        assertThat(path).isDirectory();
        begun.group().close();
        return path;
    }
}
