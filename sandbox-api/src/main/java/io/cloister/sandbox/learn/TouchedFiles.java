package io.cloister.sandbox.learn;

import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.Mount;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Leaves out of a file policy what a program never touched.
final class TouchedFiles {

    private TouchedFiles() {}

    /// `policy` with the binds alone that lie on the way of some path, each writable only if
    /// something below it was written.
    static FilesystemPolicy only(FilesystemPolicy policy, Map<String, FileAccess> files) {
        List<Mount> mounts = new ArrayList<>();
        for (Mount mount : policy.mounts()) {
            if (mount instanceof Bind bind) {
                most(bind.destination(), files).ifPresent(access -> mounts.add(with(bind, access)));
            } else {
                mounts.add(mount);
            }
        }
        return new FilesystemPolicy(
                policy.root(), mounts, policy.proc(), policy.scratchSize(), policy.scratchInodes());
    }

    /// The most that was done with a path at or below `place`.
    private static Optional<FileAccess> most(String place, Map<String, FileAccess> files) {
        String below = place.endsWith("/") ? place : place + "/";
        return files.entrySet().stream()
                .filter(file -> file.getKey().equals(place) || file.getKey().startsWith(below))
                .map(Map.Entry::getValue)
                .max(FileAccess::compareTo);
    }

    private static Bind with(Bind bind, FileAccess access) {
        return new Bind(
                bind.source(),
                bind.destination(),
                bind.writable() && access == FileAccess.WRITE,
                bind.optional(),
                bind.executable(),
                bind.devices(),
                bind.followSymlinks());
    }
}
