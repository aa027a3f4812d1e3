package io.cloister.sandbox;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The files of a live sandbox, from outside. Thread-safe.
///
/// {@snippet :
/// SandboxFiles files = session.files();
/// files.write("/work/config.json", bytes);
/// files.copyIn(Path.of("/srv/project"), SandboxPath.of("/work/src"), CopyOptions.defaults());
/// byte[] report = files.read("/work/report.txt");
/// }
///
/// **What a path means.** It is what a program in the sandbox would find there, mounts included.
/// Symbolic links on the way are followed as they would be inside, and never out of the sandbox's
/// root, however often the program changes them meanwhile. A link at the last place is not followed
/// unless that is asked for.
///
/// **With which rights.** Those of the sandbox's user on the host: what the program may not read,
/// write or delete, this may not either ([SandboxFileException.Reason#DENIED]), and what is shown
/// read-only stays so. What is made belongs to that user.
///
/// **What it will not touch.** Only regular files are read, and they are never waited for: a FIFO,
/// a socket or a device is refused without being opened. Nor are files read or made on file systems
/// that are interfaces of the kernel, such as `/proc`, `/sys` and control groups.
///
/// **Content and names are untrusted.** Escape them before they go to a terminal or a log;
/// [SandboxPath#toString()] does it for names. Files that are read are whole or not read at all:
/// more bytes than the cap are an exception, never cut off. A file that a program writes to
/// meanwhile is read as it comes.
///
/// Every method throws [SandboxFileException] if it fails, and [IllegalArgumentException] for what
/// could be no path or mode. Space that is written to file systems in memory counts for the control
/// group of the JVM; their own size bounds it.
public interface SandboxFiles {

    /// What [#read(String)] reads at most: 16 MiB.
    Bytes DEFAULT_READ_CAP = Bytes.mebibytes(16);

    /// What [#list(String)] lists at most: 10,000 entries.
    int DEFAULT_LIST_CAP = 10_000;

    /// What one [#deleteTree(SandboxPath)] removes at most: 1,000,000 entries.
    long DELETE_CAP = 1_000_000;

    /// The mode of files that are written without one: 0644.
    int DEFAULT_FILE_MODE = 0644;

    /// The mode of directories that are made without one: 0755.
    int DEFAULT_DIRECTORY_MODE = 0755;

    /// What happens if the last name of a path is a symbolic link.
    enum LastLink {
        /// It is refused ([SandboxFileException.Reason#LINK]).
        REFUSE,
        /// It is followed, inside the sandbox's root.
        FOLLOW
    }

    /// Writes a file: a new one with this content takes the place of what is there.
    ///
    /// A program inside sees the old file or the new one, never a part. Its open descriptors, and
    /// other names of the old file, keep the old one. A link, a FIFO or a device at that place is
    /// replaced, not followed or written to; a directory or a mount is refused. If it fails nothing
    /// is changed.
    ///
    /// @param path the file; its directory must exist
    /// @param content the content
    /// @param mode permission bits, 0 to 0777; no umask applies
    /// @throws IllegalArgumentException if `mode` has other bits, such as set-uid
    void write(SandboxPath path, byte[] content, int mode);

    /// Writes a file from one of the host; see [#write(SandboxPath, byte\[\], int)].
    ///
    /// @param path the file; its directory must exist
    /// @param content a regular file of the host, with no symbolic link on the way to it
    /// @param mode permission bits, 0 to 0777; no umask applies
    /// @throws IllegalArgumentException if `mode` has other bits, or `content` is not absolute
    void write(SandboxPath path, Path content, int mode);

    /// Writes a file with the mode 0644; see [#write(SandboxPath, byte\[\], int)].
    ///
    /// @param path the file; its directory must exist
    /// @param content the content
    default void write(String path, byte[] content) {
        write(SandboxPath.of(path), content, DEFAULT_FILE_MODE);
    }

    /// Writes a file with the mode 0644 from one of the host; see [#write(SandboxPath, Path, int)].
    ///
    /// @param path the file; its directory must exist
    /// @param content a regular file of the host
    default void write(String path, Path content) {
        write(SandboxPath.of(path), content, DEFAULT_FILE_MODE);
    }

    /// Reads a regular file.
    ///
    /// @param path the file
    /// @param cap how many bytes it may have; a file with more is refused
    ///   ([SandboxFileException.Reason#TOO_LARGE])
    /// @param lastLink what happens if the last name is a link
    /// @return all its bytes
    /// @throws IllegalArgumentException if `cap` is more than an array holds
    byte[] read(SandboxPath path, Bytes cap, LastLink lastLink);

    /// Reads a regular file of at most 16 MiB that is not behind a link.
    ///
    /// @param path the file
    /// @return all its bytes
    default byte[] read(String path) {
        return read(SandboxPath.of(path), DEFAULT_READ_CAP, LastLink.REFUSE);
    }

    /// Reads a regular file that is not behind a link.
    ///
    /// @param path the file
    /// @param cap how many bytes it may have
    /// @return all its bytes
    default byte[] read(String path, Bytes cap) {
        return read(SandboxPath.of(path), cap, LastLink.REFUSE);
    }

    /// Looks what is at a path; a link there is not followed.
    ///
    /// @param path the path
    /// @return what is there; empty if nothing is
    Optional<SandboxFileEntry> stat(SandboxPath path);

    /// Looks whether something is at a path, be it a link that leads nowhere.
    ///
    /// @param path the path
    /// @return whether something is there
    default boolean exists(String path) {
        return stat(SandboxPath.of(path)).isPresent();
    }

    /// Passes each entry of a directory on, in no order, as it is read: memory does not grow with
    /// the directory. What comes or goes meanwhile may be in it or not.
    ///
    /// @param directory the directory; a link to one is refused
    /// @param cap how many entries it may have; with one more it fails
    ///   ([SandboxFileException.Reason#TOO_MANY]), after so many were passed on
    /// @param consumer what takes them
    void forEach(SandboxPath directory, long cap, Consumer<? super SandboxFileEntry> consumer);

    /// Lists a directory in the order of its names.
    ///
    /// @param directory the directory; a link to one is refused
    /// @param cap how many entries it may have
    /// @return its entries
    List<SandboxFileEntry> list(SandboxPath directory, int cap);

    /// Lists a directory of at most 10,000 entries in the order of its names.
    ///
    /// @param directory the directory; a link to one is refused
    /// @return its entries
    default List<SandboxFileEntry> list(String directory) {
        return list(SandboxPath.of(directory), DEFAULT_LIST_CAP);
    }

    /// Makes a directory, and those on the way that are missing. Those that exist stay as they are.
    ///
    /// @param directory the directory
    /// @param mode permission bits of those that are made, 0 to 0777; no umask applies
    /// @throws IllegalArgumentException if `mode` has other bits
    void createDirectories(SandboxPath directory, int mode);

    /// Makes a directory, and those on the way that are missing, with the mode 0755.
    ///
    /// @param directory the directory
    default void createDirectories(String directory) {
        createDirectories(SandboxPath.of(directory), DEFAULT_DIRECTORY_MODE);
    }

    /// Deletes a file, a link, whatever it is, or an empty directory. A link is deleted, not what
    /// it leads to. A mount is refused.
    ///
    /// @param path what to delete, not the root
    /// @return whether something was there
    boolean delete(SandboxPath path);

    /// Deletes a file, a link, whatever it is, or an empty directory; see [#delete(SandboxPath)].
    ///
    /// @param path what to delete, not the root
    /// @return whether something was there
    default boolean delete(String path) {
        return delete(SandboxPath.of(path));
    }

    /// Deletes what is there with all that is in it, however deep, and whatever its modes. Links
    /// are deleted, not followed; it stops at mounts. On the way directories below it are moved up,
    /// so what is left if it fails is in disorder. It fails after 1,000,000 entries, which bounds
    /// how long a program can keep it busy.
    ///
    /// @param path what to delete, not the root
    /// @return whether something was there
    boolean deleteTree(SandboxPath path);

    /// Copies a file or a tree of the host into the sandbox.
    ///
    /// Permission bits and times of modification come along; set-uid, set-gid and sticky bits never
    /// do. A directory that is there is added to, files are replaced as by [#write(SandboxPath,
    /// byte\[\], int)]. Links are never followed, neither on the way to `outside` nor below it; the
    /// options say what becomes of them. If it fails, what was copied so far stays. Trees are at
    /// most 128 directories deep.
    ///
    /// @param outside a file or a directory of the host
    /// @param inside what the copy becomes; its directory must exist
    /// @param options how much, and what becomes of links and devices
    /// @return what was copied
    /// @throws IllegalArgumentException if `outside` is not absolute and normalized
    CopyReport copyIn(Path outside, SandboxPath inside, CopyOptions options);

    /// Copies a file or a tree of the sandbox to the host.
    ///
    /// The copy is there as a whole or not at all: a tree is made beside its place under the name
    /// `.cloister-copy-` and a number, and moved there. Nothing on the host is overwritten, and
    /// nothing but files and directories is made. They belong to the JVM's user, who can read and
    /// write them; of the other permission bits those for group and others to write, set-uid,
    /// set-gid and sticky never arrive, and the JVM's umask applies. Times of modification come
    /// along. Each name of a file with several names becomes a file of its own; holes are filled.
    /// Trees are at most 128 directories deep, and do not extend over mounts.
    ///
    /// @param inside a file or a directory of the sandbox; a link there is refused
    /// @param outside what the copy becomes; nothing or, for a tree, an empty directory may be
    ///   there. Its directory must exist, without a symbolic link on the way
    /// @param options how much, and what becomes of links and devices
    /// @return what was copied
    /// @throws IllegalArgumentException if `outside` is not absolute and normalized, or the options
    ///   keep links
    CopyReport copyOut(SandboxPath inside, Path outside, CopyOptions options);
}
