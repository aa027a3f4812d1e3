package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.FileFacts;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.TreeCalls;
import io.cloister.sandbox.linux.files.TreeRemoval;
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.plan.Resettable;
import io.cloister.sandbox.linux.plan.StartReport;
import io.cloister.sandbox.linux.plan.SystemVIds;
import io.cloister.sandbox.linux.program.StatusTag;
import io.cloister.sandbox.linux.program.SweepProgram;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes a sandbox that stays as new for its next user, and proves it: whatever a program can leave
/// behind is removed, or compared with how it was at first. What differs is not mended.
///
/// | what may be left | what is done | what proves it |
/// |---|---|---|
/// | processes | `kill(-1)` from inside | ESRCH: there is nobody else |
/// | files in memory | removed through descriptors | room of each file system as at first |
/// | attributes of writable directories | nothing | mode, owner and extended attributes as at first |
/// | System V objects | nothing | the number of a new one is the next |
/// | message queues | nothing | their directory is empty |
/// | mounts | nothing | mountinfo as at first |
/// | network | nothing | counters of its devices as at first: nothing was ever sent |
///
/// Host name, clocks and user namespaces cannot be changed from inside; sockets, keyrings and
/// watches end with their processes.
final class SessionReset {

    /// More entries take longer to remove than another sandbox takes to make.
    private static final long MOST_ENTRIES = 5000;

    private static final String QUEUES = "dev/mqueue";

    private final SandboxRun server;
    private final Zygote zygote;
    private final List<String> places;
    private final Optional<String> never;
    private Optional<State> first = Optional.empty();

    /// What can be compared.
    private record State(
            Map<String, StartReport.Room> rooms,
            Map<String, Attributes> directories,
            String mounts,
            String network,
            SystemVIds ids) {}

    private record Attributes(int mode, int uid, int extended) {}

    /// @param spec what its commands run under
    /// @param mounts how its tree was built
    SessionReset(SandboxRun server, Zygote zygote, SandboxSpec spec, MountPlan mounts) {
        this.server = server;
        this.zygote = zygote;
        places = mounts.writablePlaces();
        never = Resettable.obstacle(spec);
    }

    /// Removes what is left, and says what else is different from the first time it was called;
    /// empty: nothing.
    Optional<String> run() {
        if (first.isPresent() && never.isPresent()) {
            return never;
        }
        try {
            SystemVIds ids = sweep();
            int root = server.openRoot();
            try {
                for (String place : places) {
                    empty(root, place);
                }
                return compare(look(root, ids));
            } finally {
                Kernel.close(root);
            }
        } catch (SandboxException | IllegalStateException e) {
            return Optional.of(e.toString());
        }
    }

    private Optional<String> compare(State now) {
        if (first.isEmpty()) {
            first = Optional.of(now);
            return Optional.empty();
        }
        State before = first.get();
        List<String> different = new ArrayList<>();
        differ(different, "room in file systems", before.rooms(), now.rooms());
        differ(different, "attributes of directories", before.directories(), now.directories());
        differ(different, "mounts", before.mounts(), now.mounts());
        differ(different, "network", before.network(), now.network());
        if (!before.ids().isFollowedBy(now.ids())) {
            different.add("System V objects: " + before.ids() + ", then " + now.ids());
        }
        first =
                Optional.of(
                        new State(
                                before.rooms(),
                                before.directories(),
                                before.mounts(),
                                before.network(),
                                now.ids()));
        return different.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", different));
    }

    private static void differ(List<String> different, String what, Object before, Object now) {
        if (!before.equals(now)) {
            different.add("%s: was %s, is %s".formatted(what, before, now));
        }
    }

    private SystemVIds sweep() {
        try (OneShot exchange =
                OneShot.send(zygote, SweepProgram.request(Kernel.cpu()), List.of())) {
            try {
                Kernel.close(exchange.awaitMade().pidfd());
            } finally {
                zygote.answered();
            }
            ByteBuffer words =
                    ByteBuffer.wrap(exchange.await(StatusTag.SWEPT).bytes())
                            .order(ByteOrder.LITTLE_ENDIAN);
            return new SystemVIds(words.getLong(8), words.getLong(16), words.getLong(24));
        }
    }

    private static void empty(int root, String place) {
        int directory = TreeCalls.asSelf().openDirectory(root, place);
        LaunchErrors.check(SetupStep.SUPERVISE, "open /" + place, directory);
        try {
            TreeRemoval.empty(directory, "/" + place, MOST_ENTRIES);
        } finally {
            Kernel.close(directory);
        }
    }

    private State look(int root, SystemVIds ids) {
        Map<String, Attributes> directories = new LinkedHashMap<>();
        for (String place : places) {
            directories.put(place, attributes(root, place));
        }
        int queues = TreeCalls.asSelf().openDirectory(root, QUEUES);
        if (queues >= 0) {
            try {
                directories.put(QUEUES, attributes(root, QUEUES));
                List<String> names = new ArrayList<>();
                TreeCalls.asSelf().list(queues, names);
                if (!names.isEmpty()) {
                    throw new IllegalStateException("message queues are left: " + names.size());
                }
            } finally {
                Kernel.close(queues);
            }
        }
        long pid =
                server.supervisorId()
                        .orElseThrow(() -> new IllegalStateException("the session has ended"));
        return new State(
                server.rooms(),
                directories,
                read("/proc/" + pid + "/mountinfo"),
                read("/proc/" + pid + "/net/dev"),
                ids);
    }

    private static Attributes attributes(int root, String place) {
        int directory = TreeCalls.asSelf().openDirectory(root, place);
        LaunchErrors.check(SetupStep.SUPERVISE, "open /" + place, directory);
        try {
            FileFacts facts = FileFacts.of(directory);
            return new Attributes(
                    facts.mode(), facts.uid(), TreeCalls.asSelf().extendedAttributes(directory));
        } finally {
            Kernel.close(directory);
        }
    }

    private static String read(String path) {
        try {
            return Files.readString(Path.of(path));
        } catch (IOException e) {
            throw new SandboxException("the session cannot be looked at: " + path, e);
        }
    }
}
