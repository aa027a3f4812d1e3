package io.cloister.sandbox;

import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.RootFilesystem;
import io.cloister.sandbox.policy.Symlink;
import io.cloister.sandbox.policy.Terminals;
import io.cloister.sandbox.policy.Tmpfs;

import java.nio.file.Path;

/// The file tree of a [Sandbox.Builder].
///
/// @param <B> the builder
public abstract sealed class FilesystemBuilder<B extends FilesystemBuilder<B>>
        extends LimitsBuilder<B> permits NetworkBuilder {

    FilesystemBuilder(SpecDraft draft) {
        super(draft);
    }

    /// Shows, read-only, what the host's programs need to run. The default; see
    /// [RootFilesystem.MinimalHost].
    ///
    /// @return this builder
    public B minimalHostRoot() {
        draft.filesystem = draft.filesystem.root(new RootFilesystem.MinimalHost());
        return self();
    }

    /// Starts from a tree with nothing in it, not even `/dev` or `/tmp`: mounts and [#proc] put
    /// there what there is to be. See [RootFilesystem.Empty].
    ///
    /// @return this builder
    public B emptyRoot() {
        draft.filesystem = draft.filesystem.root(new RootFilesystem.Empty(false));
        return self();
    }

    /// As [#emptyRoot()], with the `/dev` that every other root has.
    ///
    /// @return this builder
    public B emptyRootWithDevices() {
        draft.filesystem = draft.filesystem.root(new RootFilesystem.Empty(true));
        return self();
    }

    /// Takes a directory of the host as `/`. Writing fails with `EROFS`.
    ///
    /// @param directory absolute and normalized
    /// @return this builder
    public B root(Path directory) {
        draft.filesystem = draft.filesystem.root(new RootFilesystem.Directory(directory, false));
        return self();
    }

    /// Takes a directory of the host as `/` and lets the program change it there.
    ///
    /// @param directory absolute and normalized
    /// @return this builder
    public B writableRoot(Path directory) {
        draft.filesystem = draft.filesystem.root(new RootFilesystem.Directory(directory, true));
        return self();
    }

    /// Shows a file or directory of the host at the same path; see [Bind].
    ///
    /// @param path absolute and normalized
    /// @return this builder
    public B readOnly(Path path) {
        return mount(Bind.readOnly(path));
    }

    /// Shows a file or directory of the host at `destination`; see [Bind].
    ///
    /// @param path absolute and normalized
    /// @param destination an absolute path inside
    /// @return this builder
    public B readOnly(Path path, String destination) {
        return mount(Bind.readOnly(path, destination));
    }

    /// Shows a file or directory of the host at the same path and lets the program change it.
    ///
    /// @param path absolute and normalized
    /// @return this builder
    public B writable(Path path) {
        return mount(Bind.writable(path));
    }

    /// Shows a file or directory of the host at `destination` and lets the program change it.
    ///
    /// @param path absolute and normalized
    /// @param destination an absolute path inside
    /// @return this builder
    public B writable(Path path, String destination) {
        return mount(Bind.writable(path, destination));
    }

    /// Puts something into the file tree, after what was put there before.
    ///
    /// @param mount what to put there, and where
    /// @return this builder
    public B mount(Mount mount) {
        draft.filesystem = draft.filesystem.mount(mount);
        return self();
    }

    /// Puts a writable file system in memory at `destination`; see [Tmpfs].
    ///
    /// @param destination an absolute path inside
    /// @param size what its files may hold together, > 0
    /// @return this builder
    public B tmpfs(String destination, Bytes size) {
        return mount(new Tmpfs(destination, size));
    }

    /// Puts a file with this content at `destination`; see [FileContent].
    ///
    /// @param destination an absolute path inside
    /// @param content its contents; they are copied
    /// @return this builder
    public B file(String destination, byte[] content) {
        return mount(new FileContent(destination, content));
    }

    /// Puts a symbolic link at `destination`; see [Symlink].
    ///
    /// @param destination an absolute path inside
    /// @param target what the link says; it is resolved inside alone
    /// @return this builder
    public B symlink(String destination, String target) {
        return mount(new Symlink(destination, target));
    }

    /// Lets programs inside make pseudo-terminals; see [Terminals].
    ///
    /// @return this builder
    public B terminals() {
        return mount(new Terminals());
    }

    /// Hides a path of `/proc`; see [ProcFilesystem].
    ///
    /// @param path below `/proc`
    /// @return this builder
    public B hideProc(String path) {
        return proc(draft.filesystem.proc().hide(path));
    }

    /// Makes a path of `/proc` read-only; see [ProcFilesystem].
    ///
    /// @param path below `/proc`
    /// @return this builder
    public B readOnlyProc(String path) {
        return proc(draft.filesystem.proc().protect(path));
    }

    /// Sets what `/proc` shows. The default is [ProcFilesystem#standard()].
    ///
    /// @param proc what it shows
    /// @return this builder
    public B proc(ProcFilesystem proc) {
        draft.filesystem = draft.filesystem.proc(proc);
        return self();
    }

    /// Caps what `/tmp` and `/dev/shm` hold: together in the minimal root, each in a directory
    /// root, `/dev/shm` alone in an empty one. A mount of one's own at such a place has its own
    /// size.
    ///
    /// - **Unit:** bytes, > 0; the kernel rounds up to whole pages.
    /// - **Default:** 64 MiB.
    /// - **At the limit:** writes fail with `ENOSPC`, and the whole tree is killed; the outcome is
    ///   [Outcome.LimitReached] with [Limit#DISK].
    /// - **Source:** `size` of tmpfs(5).
    ///
    /// @param size the limit
    /// @return this builder
    public B scratchSize(Bytes size) {
        draft.filesystem = draft.filesystem.scratchSize(size);
        return self();
    }

    /// Caps how many files and directories `/tmp` and `/dev/shm` hold, counted as for
    /// [#scratchSize(Bytes)].
    ///
    /// - **Unit:** inodes, > 0.
    /// - **Default:** 65536.
    /// - **At the limit:** creating one fails with `ENOSPC`, and the whole tree is killed; the
    ///   outcome is [Outcome.LimitReached] with [Limit#DISK].
    /// - **Source:** `nr_inodes` of tmpfs(5).
    ///
    /// @param inodes the limit
    /// @return this builder
    public B scratchInodes(long inodes) {
        draft.filesystem = draft.filesystem.scratchInodes(inodes);
        return self();
    }
}
