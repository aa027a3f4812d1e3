package io.cloister.sandbox.bubblewrap;

import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.ProcFilesystem.View;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;

/// What the options say of `/proc` and of what is below it.
final class ProcView {
    private ProcFilesystem proc = ProcFilesystem.standard();
    private @Nullable Given host;

    void own() {
        host = null;
    }

    void hide(Given given, String path) {
        proc = given.checked(() -> proc.hide(path));
    }

    void bind(Given given, Path source, boolean writable) {
        String destination = given.destination();
        boolean samePlace = source.equals(Path.of(destination));
        if (destination.equals("/proc") && samePlace) {
            host = given;
        } else if (samePlace && !writable) {
            proc = given.checked(() -> proc.protect(destination));
        } else if (source.equals(Path.of("/dev/null"))) {
            hide(given, destination);
        } else {
            throw given.refused(
                    "a path of /proc can only be made read-only (--ro-bind of itself) or hidden"
                            + " (--ro-bind /dev/null, --tmpfs)");
        }
    }

    /// @param ownProcesses whether the process ids are the sandbox's own
    ProcFilesystem policy(boolean there, boolean ownProcesses, List<String> notes) {
        if (host != null && ownProcesses) {
            notes.add(host.note("shows the sandbox's own processes alone"));
        }
        return there ? proc : proc.view(View.ABSENT);
    }
}
