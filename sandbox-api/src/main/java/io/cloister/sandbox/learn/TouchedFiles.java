package io.cloister.sandbox.learn;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.Mount;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Leaves out of a file policy what a program never touched.
final class TouchedFiles {

    private TouchedFiles() {}

    /// What the kernel itself opens when it executes a program, for which nobody is asked: the
    /// dynamic linker, the interpreter of a script.
    private static final List<String> SYSTEM =
            List.of("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin");

    /// The files of `base` with the binds alone that lie on the way of some path, each writable
    /// only if something below it was written. What holds the work directory or parts of the system
    /// stays.
    static FilesystemPolicy only(SandboxSpec base, Map<String, FileAccess> files) {
        Map<String, FileAccess> needed = new HashMap<>(files);
        needed.putIfAbsent(base.workDirectory(), FileAccess.LOOK);
        FilesystemPolicy policy = base.filesystem();
        List<Mount> mounts = new ArrayList<>();
        for (Mount mount : policy.mounts()) {
            if (mount instanceof Bind bind) {
                most(bind.destination(), needed)
                        .or(() ->
                                isOfTheSystem(bind.destination())
                                        ? Optional.of(FileAccess.LOOK)
                                        : Optional.empty())
                        .ifPresent(access -> mounts.add(with(bind, access)));
            } else {
                mounts.add(mount);
            }
        }
        return new FilesystemPolicy(
                policy.root(), mounts, policy.proc(), policy.scratchSize(), policy.scratchInodes());
    }

    private static boolean isOfTheSystem(String place) {
        return SYSTEM.stream().anyMatch(top -> place.equals(top) || place.startsWith(top + "/"));
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
