package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.FileFacts;
import io.cloister.sandbox.linux.ffm.FileUser;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.TreeCalls;
import io.cloister.sandbox.linux.files.TreeRemoval;
import io.cloister.sandbox.linux.mount.MountPlan;
import io.cloister.sandbox.linux.program.Linux;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The directories in memory that the commands of a sandbox can write to: what is in them, and how
/// they are made empty again but for what the policy itself put there.
///
/// They are found anew each time, and through no link, since a program may have moved them.
final class WritablePlaces {

    /// More entries take longer to remove than another sandbox takes to make.
    private static final long MOST_ENTRIES = 5000;

    private final FileUser user;
    private final List<String> places;
    private final List<String> all;

    /// Directories of the kernel whose owner is nobody in the sandbox, so that nobody can set their
    /// times.
    private final Set<String> fixed = new HashSet<>();

    /// @param mounts how the tree was built
    /// @param user to whom what commands make belongs on the host
    WritablePlaces(MountPlan mounts, FileUser user) {
        this.user = user;
        places = mounts.writablePlaces();
        all = Stream.concat(places.stream(), mounts.kernelPlaces().stream()).toList();
    }

    /// What is to be seen of one entry.
    sealed interface Entry {

        /// Its content is that of the entries below it.
        ///
        /// @param flags as chattr(1) sets them
        /// @param extended how long the list of its extended attributes is
        record Directory(
                int mode,
                int uid,
                int gid,
                int flags,
                int extended,
                FileFacts.Time accessed,
                FileFacts.Time modified)
                implements Entry {

            Directory withoutTimes() {
                FileFacts.Time none = new FileFacts.Time(0, 0);
                return new Directory(mode, uid, gid, flags, extended, none, none);
            }
        }

        /// A program can leave nothing on it without a change of this time, which none can set.
        record Other(int mode, int uid, int gid, long size, FileFacts.Time changed)
                implements Entry {}

        /// Where a mount covers it; that has a place of its own, or cannot be written to.
        record MountPoint() implements Entry {}
    }

    /// What is there at first.
    Map<String, Entry> begin(int root) {
        for (String place : all) {
            try (Opened directory = Opened.at(root, place)) {
                Entry.Directory seen = directory(directory.fd());
                int result = setTimes(directory.fd(), seen);
                if (Errno.EOVERFLOW.is(result) || Errno.EPERM.is(result)) {
                    fixed.add(place);
                } else {
                    LaunchErrors.check(SetupStep.SUPERVISE, "times of /" + place, result);
                }
            }
        }
        return look(root);
    }

    /// All entries by their paths, also those of terminals and message queues.
    Map<String, Entry> look(int root) {
        Map<String, Entry> seen = new LinkedHashMap<>();
        for (String place : all) {
            try (Opened directory = Opened.at(root, place)) {
                look(directory.fd(), place, seen);
            }
        }
        return seen;
    }

    private void look(int directory, String path, Map<String, Entry> seen) {
        Entry.Directory itself = directory(directory);
        seen.put(path, fixed.contains(path) ? itself.withoutTimes() : itself);
        List<String> names = new ArrayList<>();
        int length;
        do {
            length = TreeCalls.asSelf().list(directory, names);
            LaunchErrors.check(SetupStep.SUPERVISE, "list /" + path, length);
        } while (length > 0);
        for (String name : names) {
            FileFacts facts = TreeCalls.asSelf().facts(directory, name);
            LaunchErrors.check(SetupStep.SUPERVISE, "look at an entry of /" + path, facts.result());
            String below = path + "/" + name;
            if (facts.isMountRoot()) {
                seen.put(below, new Entry.MountPoint());
            } else if (facts.type() == Linux.S_IFDIR) {
                try (Opened child = Opened.in(directory, name, below)) {
                    look(child.fd(), below, seen);
                }
            } else {
                seen.put(
                        below,
                        new Entry.Other(
                                facts.mode(),
                                facts.uid(),
                                facts.gid(),
                                facts.size(),
                                facts.changed()));
            }
        }
    }

    /// What is to be seen of a directory itself.
    static Entry.Directory directory(int fd) {
        FileFacts facts = FileFacts.of(fd);
        return new Entry.Directory(
                facts.mode(),
                facts.uid(),
                facts.gid(),
                TreeCalls.asSelf().inodeFlags(fd),
                TreeCalls.asSelf().extendedAttributes(fd),
                facts.accessed(),
                facts.modified());
    }

    /// A file that the policy put where commands can write: a program can change it through a
    /// mapping, which no time tells of.
    Optional<String> file(Map<String, Entry> first) {
        return first.entrySet().stream()
                .filter(entry ->
                        entry.getValue() instanceof Entry.Other other
                                && (other.mode() & Linux.S_IFMT) == Linux.S_IFREG)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /// Removes what was not there at first.
    void empty(int root, Map<String, Entry> first) {
        for (String place : places) {
            try (Opened directory = Opened.at(root, place)) {
                empty(directory.fd(), place, first);
            }
        }
    }

    private void empty(int directory, String path, Map<String, Entry> first) {
        Set<String> kept = new HashSet<>();
        for (String known : first.keySet()) {
            int slash = known.lastIndexOf('/');
            if (slash == path.length() && known.startsWith(path)) {
                kept.add(known.substring(slash + 1));
            }
        }
        TreeRemoval.empty(directory, user, kept, "/" + path, MOST_ENTRIES);
        for (String name : kept) {
            String below = path + "/" + name;
            if (first.get(below) instanceof Entry.Directory) {
                try (Opened child = Opened.in(directory, name, below)) {
                    empty(child.fd(), below, first);
                }
            }
        }
    }

    /// Gives directories the times that they had at first.
    void restoreTimes(int root, Map<String, Entry> first) {
        first.forEach((path, entry) -> {
            if (entry instanceof Entry.Directory directory && !fixed.contains(path)) {
                restoreTimes(root, path, directory);
            }
        });
    }

    /// To set them changes another one, which is not compared.
    private static void restoreTimes(int root, String path, Entry.Directory first) {
        try (Opened opened = Opened.at(root, path)) {
            Entry.Directory now = directory(opened.fd());
            if (!now.accessed().equals(first.accessed())
                    || !now.modified().equals(first.modified())) {
                LaunchErrors.check(
                        SetupStep.SUPERVISE, "times of /" + path, setTimes(opened.fd(), first));
            }
        }
    }

    private static int setTimes(int fd, Entry.Directory times) {
        return TreeCalls.asSelf().changeTimes(fd, times.accessed(), times.modified());
    }

    /// A directory that is open.
    record Opened(int fd) implements AutoCloseable {

        /// At a path below the root.
        static Opened at(int root, String path) {
            int reference = TreeCalls.asSelf().resolveDirectory(root, path);
            LaunchErrors.check(SetupStep.SUPERVISE, "find /" + path, reference);
            try {
                return in(reference, ".", path);
            } finally {
                Kernel.close(reference);
            }
        }

        /// @param path where it is, for messages
        static Opened in(int directory, String name, String path) {
            int fd = TreeCalls.asSelf().openDirectoryUnseen(directory, name);
            if (Errno.EPERM.is(fd)) {
                // One of the kernel's, which is nobody's here.
                fd = TreeCalls.asSelf().openDirectory(directory, name);
            }
            LaunchErrors.check(SetupStep.SUPERVISE, "open /" + path, fd);
            return new Opened(fd);
        }

        @Override
        public void close() {
            Kernel.close(fd);
        }
    }
}
