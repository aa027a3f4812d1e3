package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_PATH;
import static io.cloister.sandbox.linux.program.Linux.S_IFBLK;
import static io.cloister.sandbox.linux.program.Linux.S_IFCHR;
import static io.cloister.sandbox.linux.program.Linux.S_IFDIR;
import static io.cloister.sandbox.linux.program.Linux.S_IFMT;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.landlock.ConfinedPlanner.Place;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.Mount;

import java.util.ArrayList;
import java.util.List;

/// Finds the binds of a launch in the confined tier: the host's own paths, reached without links.
final class ConfinedPlaces {

    private ConfinedPlaces() {}

    /// @throws io.cloister.sandbox.SandboxLaunchException if one is not there that must be
    static List<Place> resolve(SandboxSpec spec) {
        List<Place> places = new ArrayList<>();
        for (Mount mount : spec.filesystem().mounts()) {
            if (mount instanceof Bind bind) {
                add(places, bind);
            }
        }
        return List.copyOf(places);
    }

    private static void add(List<Place> places, Bind bind) {
        String path = bind.destination();
        int fd = Kernel.openWithoutLinks(path, O_PATH | O_CLOEXEC, 0);
        if ((Errno.ENOENT.is(fd) || Errno.ENOTDIR.is(fd)) && bind.optional()) {
            return;
        }
        LaunchErrors.check(SetupStep.MOUNT, path, fd);
        int type = Kernel.status(fd).mode() & S_IFMT;
        Kernel.close(fd);
        boolean device = type == S_IFCHR || type == S_IFBLK;
        places.add(
                new Place(
                        path,
                        type == S_IFDIR,
                        // A mount that is read-only lets devices be written to.
                        bind.writable() || bind.devices() && device,
                        bind.executable(),
                        bind.devices()));
    }
}
