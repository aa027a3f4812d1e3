package io.cloister.sandbox.policy;

import io.cloister.sandbox.Bytes;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// What the file tree of a sandbox looks like.
///
/// @param root what stands at `/`
/// @param mounts what is put into the tree, in order
/// @param proc what `/proc` shows
/// @param scratchSize what the writable places that every sandbox has, `/tmp` and `/dev/shm`, may
///   hold, > 0: together in the minimal root, each in a directory root, `/dev/shm` alone in an
///   empty one; once they are full, the run is ended
/// @param scratchInodes how many files and directories these may hold, > 0, counted alike
public record FilesystemPolicy(
        RootFilesystem root,
        List<Mount> mounts,
        ProcFilesystem proc,
        Bytes scratchSize,
        long scratchInodes) {

    /// The scratch size unless it is said: 64 MiB.
    public static final Bytes DEFAULT_SCRATCH_SIZE = Bytes.mebibytes(64);

    /// The number of scratch files unless it is said: 65536.
    public static final long DEFAULT_SCRATCH_INODES = 65_536;

    /// Checks and copies.
    ///
    /// @throws IllegalArgumentException if two mounts have one destination, or a size is not
    ///   positive
    public FilesystemPolicy {
        Objects.requireNonNull(root, "root");
        mounts = List.copyOf(mounts);
        Objects.requireNonNull(proc, "proc");
        Numbers.positive("scratchSize", scratchSize);
        Numbers.positive("scratchInodes", scratchInodes);
        Set<String> destinations = new HashSet<>();
        for (int i = 0; i < mounts.size(); i++) {
            if (!destinations.add(mounts.get(i).destination())) {
                throw new IllegalArgumentException(
                        "mount #%d has the destination of an earlier one: %s"
                                .formatted(i, mounts.get(i).destination()));
            }
        }
    }

    /// {@return the default: a minimal view of the host, no mounts, the standard `/proc` and 64 MiB
    /// scratch}
    public static FilesystemPolicy standard() {
        return new FilesystemPolicy(
                new RootFilesystem.MinimalHost(),
                List.of(),
                ProcFilesystem.standard(),
                DEFAULT_SCRATCH_SIZE,
                DEFAULT_SCRATCH_INODES);
    }

    /// {@return this policy with another root}
    ///
    /// @param other what takes the place of the present one
    public FilesystemPolicy root(RootFilesystem other) {
        return new FilesystemPolicy(other, mounts, proc, scratchSize, scratchInodes);
    }

    /// {@return this policy with one more mount, after the others}
    ///
    /// @param mount the mount
    public FilesystemPolicy mount(Mount mount) {
        List<Mount> more = new ArrayList<>(mounts);
        more.add(mount);
        return new FilesystemPolicy(root, more, proc, scratchSize, scratchInodes);
    }

    /// {@return this policy with another `/proc`}
    ///
    /// @param other what takes the place of the present one
    public FilesystemPolicy proc(ProcFilesystem other) {
        return new FilesystemPolicy(root, mounts, other, scratchSize, scratchInodes);
    }

    /// {@return this policy with another scratch size}
    ///
    /// @param size the size, > 0
    public FilesystemPolicy scratchSize(Bytes size) {
        return new FilesystemPolicy(root, mounts, proc, size, scratchInodes);
    }

    /// {@return this policy with another number of scratch files}
    ///
    /// @param inodes the number, > 0
    public FilesystemPolicy scratchInodes(long inodes) {
        return new FilesystemPolicy(root, mounts, proc, scratchSize, inodes);
    }
}
