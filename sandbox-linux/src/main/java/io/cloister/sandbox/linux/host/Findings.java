package io.cloister.sandbox.linux.host;

import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.HostReport.Status;

/// Short ways to say what was found.
final class Findings {

    private Findings() {}

    /// It works.
    static Feature available(String name, String detail) {
        return new Feature(name, Status.AVAILABLE, detail, "", false);
    }

    /// It works in part.
    static Feature limited(String name, String detail, String remedy) {
        return new Feature(name, Status.LIMITED, detail, remedy, false);
    }

    /// It does not work, and some policies need it.
    static Feature missing(String name, String detail, String remedy) {
        return new Feature(name, Status.MISSING, detail, remedy, false);
    }

    /// The same finding about something that every sandbox needs.
    static Feature required(Feature feature) {
        return new Feature(
                feature.name(), feature.status(), feature.detail(), feature.remedy(), true);
    }
}
