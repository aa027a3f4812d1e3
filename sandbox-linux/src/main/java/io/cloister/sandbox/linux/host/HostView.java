package io.cloister.sandbox.linux.host;

import io.cloister.sandbox.linux.cgroup.CgroupView;
import io.cloister.sandbox.linux.landlock.LandlockSupport;
import io.cloister.sandbox.linux.plan.ProcessControls;

import java.util.Optional;

/// What the report is made from: all that stands between its reasoning and the running host.
interface HostView extends CgroupView {

    /// Where a program is on `PATH`.
    Optional<String> program(String name);

    /// What the kernel lets a process give up or ask for; needs native access.
    ProcessControls controls();

    /// What the kernel has of Landlock.
    LandlockSupport landlock();

    /// The number that a file holds and nothing else, as sysctls do.
    default Optional<Long> number(String path) {
        return text(path)
                .map(String::strip)
                .filter(s -> s.matches("-?[0-9]{1,18}"))
                .map(Long::parseLong);
    }
}
