package io.cloister.samples.judge.compile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// A directory that nobody else may write to: whoever can decides about verdicts.
public final class PrivateDirectory {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rwx------");

    private PrivateDirectory() {}

    /// {@return the real path of the directory, made if it is missing}
    ///
    /// @param directory where it is
    /// @throws IOException if it cannot be made, or others may write to it
    public static Path of(Path directory) throws IOException {
        Path real =
                Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY))
                        .toRealPath();
        PosixFileAttributes its = Files.readAttributes(real, PosixFileAttributes.class);
        if (its.permissions().contains(PosixFilePermission.GROUP_WRITE)
                || its.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException(
                    "others may write to %s (%s), and so what is judged; chmod go-w it"
                            .formatted(real, PosixFilePermissions.toString(its.permissions())));
        }
        return real;
    }
}
