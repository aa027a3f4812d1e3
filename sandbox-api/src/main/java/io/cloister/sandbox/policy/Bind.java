package io.cloister.sandbox.policy;

import java.nio.file.Path;
import java.util.Objects;

/// A file or directory of the host at a place inside the sandbox.
///
/// It is always `nosuid`, and `nodev` unless devices are allowed. It covers every mount below the
/// source as well, so that a read-only bind has no writable corner. Writing to a read-only bind
/// fails with `EROFS`. Source: mount_setattr(2).
///
/// @param source what of the host it shows
/// @param destination where it is put
/// @param writable whether the program may change it; it then changes what the host has
/// @param optional whether it is left out where the source does not exist; otherwise the launch
///   fails
/// @param executable whether programs in it can be executed; otherwise execve(2) and mapping as
///   code fail with `EACCES` and `EPERM`
/// @param devices whether device files in it work; otherwise opening one fails with `EACCES`
/// @param followSymlinks whether symbolic links in it are followed; otherwise meeting one on the
///   way fails with `ELOOP`
public record Bind(
        BindSource source,
        String destination,
        boolean writable,
        boolean optional,
        boolean executable,
        boolean devices,
        boolean followSymlinks)
        implements Mount {

    /// Checks the destination.
    ///
    /// @throws IllegalArgumentException if the destination is refused
    public Bind {
        Objects.requireNonNull(source, "source");
        Mount.checkDestination(destination);
    }

    /// Shows a path of the host at the same path, read-only.
    ///
    /// @param path absolute and normalized
    /// @return the bind
    public static Bind readOnly(Path path) {
        return readOnly(path, path.toString());
    }

    /// Shows a path of the host at `destination`, read-only.
    ///
    /// @param path absolute and normalized
    /// @param destination where it is put inside
    /// @return the bind
    public static Bind readOnly(Path path, String destination) {
        return of(new BindSource.HostPath(path), destination, false);
    }

    /// Shows what an open descriptor of the JVM's process refers to at `destination`, read-only.
    ///
    /// @param hostDescriptor the number of the descriptor, >= 0; see [BindSource.HostDescriptor]
    /// @param destination where it is put inside
    /// @return the bind
    public static Bind readOnly(int hostDescriptor, String destination) {
        return of(new BindSource.HostDescriptor(hostDescriptor), destination, false);
    }

    /// Shows a path of the host at the same path, and lets the program change it.
    ///
    /// @param path absolute and normalized
    /// @return the bind
    public static Bind writable(Path path) {
        return writable(path, path.toString());
    }

    /// Shows a path of the host at `destination`, and lets the program change it.
    ///
    /// @param path absolute and normalized
    /// @param destination where it is put inside
    /// @return the bind
    public static Bind writable(Path path, String destination) {
        return of(new BindSource.HostPath(path), destination, true);
    }

    /// Shows what an open descriptor of the JVM's process refers to at `destination`, and lets the
    /// program change it.
    ///
    /// @param hostDescriptor the number of the descriptor, >= 0; see [BindSource.HostDescriptor]
    /// @param destination where it is put inside
    /// @return the bind
    public static Bind writable(int hostDescriptor, String destination) {
        return of(new BindSource.HostDescriptor(hostDescriptor), destination, true);
    }

    private static Bind of(BindSource source, String destination, boolean writable) {
        return new Bind(source, destination, writable, false, true, false, true);
    }

    /// {@return this bind at another place}
    ///
    /// @param place where it is put inside
    public Bind to(String place) {
        return new Bind(source, place, writable, optional, executable, devices, followSymlinks);
    }

    /// {@return this bind, left out where its source does not exist}
    public Bind skipIfMissing() {
        return new Bind(source, destination, writable, true, executable, devices, followSymlinks);
    }

    /// {@return this bind without execution of what is in it}
    public Bind noexec() {
        return new Bind(source, destination, writable, optional, false, devices, followSymlinks);
    }

    /// {@return this bind with device files that work} A device may reach around every other limit.
    public Bind allowDevices() {
        return new Bind(source, destination, writable, optional, executable, true, followSymlinks);
    }

    /// {@return this bind without following of symbolic links in it} Needs Linux 5.10.
    public Bind nosymfollow() {
        return new Bind(source, destination, writable, optional, executable, devices, false);
    }
}
