package io.cloister.samples.build.surefire;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.stream.Collectors;

/// A directory as `sandboxed`, whose `bin/java` starts the classes of this build, which is not
/// packaged yet.
///
/// @param home the directory
record FakeJdk(Path home) {

    static FakeJdk in(Path home) throws IOException {
        FakeJdk jdk = new FakeJdk(home);
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"17\"\n");
        Files.createDirectory(home.resolve("bin"));
        Files.writeString(
                jdk.java(),
                """
                #!/bin/sh
                exec '%s/bin/java' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \\
                  --enable-native-access=ALL-UNNAMED -Dbuild-step.sandboxed='%s' \\
                  --class-path '%s' %s "$@"
                """
                        .formatted(
                                System.getProperty("java.home"),
                                home,
                                classPath(),
                                SandboxedJava.class.getName()));
        Files.setPosixFilePermissions(jdk.java(), PosixFilePermissions.fromString("rwxr-xr-x"));
        return jdk;
    }

    Path java() {
        return home.resolve("bin/java");
    }

    static Path testClasses() {
        try {
            return Path.of(
                    Victim.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(it -> Path.of(it).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
