package io.cloister.samples.build.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What every step sees of the host, its compilers and headers among it, as one text: it changes
/// when packages are installed or removed. What is put below these directories by hand, deeper than
/// their own entries, it does not notice; a step declares such things as `tools`.
final class HostIdentity {
    private static final List<Path> TOLD_BY =
            List.of(
                    Path.of("/etc/os-release"),
                    Path.of("/var/lib/dpkg/status"),
                    Path.of("/var/lib/rpm/rpmdb.sqlite"),
                    Path.of("/usr/lib/sysimage/rpm/rpmdb.sqlite"),
                    Path.of("/lib/apk/db/installed"),
                    Path.of("/var/lib/pacman/local"),
                    Path.of("/nix/var/nix/profiles/system"),
                    Path.of("/usr/bin"),
                    Path.of("/usr/lib"),
                    Path.of("/usr/local/bin"),
                    Path.of("/usr/local/lib"));

    private HostIdentity() {}

    static String read() throws IOException {
        return of(TOLD_BY);
    }

    static String of(List<Path> toldBy) throws IOException {
        Digest digest = new Digest().add(System.getProperty("os.arch"));
        for (Path path : toldBy) {
            boolean isThere = Files.exists(path);
            digest.add(path.toString())
                    .add(isThere ? Files.getLastModifiedTime(path).toString() : "")
                    .add(isThere ? String.valueOf(Files.size(path)) : "");
        }
        return digest.hex();
    }
}
