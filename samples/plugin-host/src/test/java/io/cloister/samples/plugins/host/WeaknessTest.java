package io.cloister.samples.plugins.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;
import io.cloister.sandbox.Sandboxes;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.List;

class WeaknessTest {
    private static Feature feature(String name, Status status) {
        return new Feature(name, status, "not writable", "delegate it", false);
    }

    @Test
    void limitsWithoutControlGroupsAreTold() {
        HostReport host =
                new HostReport(
                        "Linux",
                        List.of(
                                feature("control group memory", Status.MISSING),
                                feature("control group pids", Status.AVAILABLE),
                                feature("control group cpu", Status.LIMITED),
                                feature("control group hugetlb", Status.MISSING)));

        assertThat(Weakness.of(host))
                .containsExactly(
                        "control group memory: not writable; delegate it",
                        "control group cpu: not writable; delegate it");
    }

    @Test
    @Tag("kernel")
    void aHostNamesThemLikeThat() {
        assertThat(Sandboxes.probe().features())
                .extracting(Feature::name)
                .contains("control group memory", "control group pids", "control group cpu");
    }
}
