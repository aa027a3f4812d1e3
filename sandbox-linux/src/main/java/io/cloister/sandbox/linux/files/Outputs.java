package io.cloister.sandbox.linux.files;

import static io.cloister.sandbox.linux.program.Linux.F_DUPFD_CLOEXEC;

import io.cloister.sandbox.CollectedFiles;
import io.cloister.sandbox.OutputFiles;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.linux.ffm.FileUser;
import io.cloister.sandbox.linux.ffm.Kernel;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Copies what a run has made to the host, at its end.
public final class Outputs {

    private Outputs() {}

    /// Copies each of `wanted`, one after the other. To be called when all processes of the run are
    /// dead, so that nothing changes any more, and while its mounts are still there.
    ///
    /// Mounts go with the last process of their namespace: then a descriptor of the root keeps the
    /// root's own file system alone, and what was mounted below it, such as `/tmp`, cannot be
    /// reached any more. Who wants that keeps a descriptor of the mount namespace
    /// (`/proc/<pid>/ns/mnt`) open from before the end until this has returned.
    ///
    /// What cannot be copied is told in the result and does not keep the rest from being copied. An
    /// interrupt of the calling thread does not count as that: it is thrown.
    ///
    /// @param root a descriptor of the sandbox's root, also one of O_PATH; it stays open
    /// @param user to whom the files of the sandbox belong on the host
    /// @param wanted what to copy; see [io.cloister.sandbox.Command#outputFiles()]
    /// @return paths inside to what came of them, in the order of `wanted`; see
    ///   [io.cloister.sandbox.SandboxResult#withOutputs(Map)]
    /// @throws SandboxFileException if the thread was interrupted, or no descriptor is free
    public static Map<SandboxPath, CollectedFiles> collect(
            int root, FileUser user, List<OutputFiles> wanted) {
        int copy = FileErrors.check("collect", "/", Kernel.fcntl(root, F_DUPFD_CLOEXEC, 0));
        Map<SandboxPath, CollectedFiles> collected = new LinkedHashMap<>();
        try (LinuxFiles files = new LinuxFiles(copy, user)) {
            wanted.forEach(one -> collected.put(one.inside(), collect(files, one)));
        }
        return collected;
    }

    /// What came of each of `wanted` where nothing can be reached any more.
    ///
    /// @param why why not
    public static Map<SandboxPath, CollectedFiles> lost(List<OutputFiles> wanted, String why) {
        Map<SandboxPath, CollectedFiles> missing = new LinkedHashMap<>();
        for (OutputFiles one : wanted) {
            String path = one.inside().toString();
            missing.put(
                    one.inside(),
                    new CollectedFiles.Missing(
                            new SandboxFileException(
                                    "collect", path, SandboxFileException.Reason.CLOSED, 0, why)));
        }
        return missing;
    }

    private static CollectedFiles collect(LinuxFiles files, OutputFiles one) {
        try {
            return new CollectedFiles.Copied(
                    one.outside(), files.copyOut(one.inside(), one.outside(), one.options()));
        } catch (SandboxFileException e) {
            if (e.reason() == SandboxFileException.Reason.INTERRUPTED) {
                throw e;
            }
            return new CollectedFiles.Missing(e);
        }
    }
}
