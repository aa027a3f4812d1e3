package io.cloister.sandbox.linux.host;

import static io.cloister.sandbox.linux.host.Findings.available;
import static io.cloister.sandbox.linux.host.Findings.missing;

import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.linux.cgroup.CgroupHost;
import io.cloister.sandbox.linux.limit.Controller;

import java.util.List;

/// Findings about control groups (cgroups(7)), one for each controller that a limit takes.
final class ControlGroupFeatures {

    private static final List<Controller> CONTROLLERS =
            List.of(
                    Controller.MEMORY,
                    Controller.PIDS,
                    Controller.CPU,
                    Controller.CPUACCT,
                    Controller.CPUSET,
                    Controller.IO,
                    Controller.HUGETLB,
                    Controller.FREEZER);

    private ControlGroupFeatures() {}

    static List<Feature> all(HostView host) {
        CgroupHost groups = CgroupHost.detect(host);
        return CONTROLLERS.stream().map(controller -> feature(groups, controller)).toList();
    }

    private static Feature feature(CgroupHost groups, Controller controller) {
        String name = "control group " + controller.label();
        return groups.missing(controller)
                .map(missing -> missing(name, missing.why(), missing.remedy()))
                .orElseGet(() -> available(name, groups.where(controller).orElse("")));
    }
}
