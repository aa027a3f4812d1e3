package io.cloister.sandbox.bubblewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

@EnabledOnOs(value = OS.LINUX, disabledReason = "needs /proc of Linux")
class ThisProcessTest {
    private final BubblewrapCaller caller = BubblewrapCaller.thisProcess();

    @Test
    void itTellsWhoItIs() throws Exception {
        assertThat(caller.uid()).isEqualTo(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        assertThat(caller.gid()).isEqualTo(Files.getAttribute(Path.of("/proc/self"), "unix:gid"));
        assertThat(caller.umask()).isBetween(0, 0777);
        assertThat(caller.hostName()).isNotEmpty().doesNotContain("\n");
        assertThat(caller.directory()).isAbsolute();
        assertThat(caller.environment()).isEqualTo(System.getenv());
    }

    @Test
    void itFindsFilesBehindLinks(@TempDir Path directory) throws Exception {
        Path real = directory.toRealPath();
        Files.createSymbolicLink(directory.resolve("link"), real);
        assertThat(caller.find(directory.resolve("link/."))).contains(real);
        assertThat(caller.find(directory.resolve("none"))).isEmpty();
    }

    @Test
    void whatIsShutToOthersCannotBeEnteredUnderRoot(@TempDir Path directory) throws Exception {
        Path tree = Files.createDirectory(directory.toRealPath().resolve("tree"));
        Path open = Files.createDirectory(tree.resolve("open"));
        Path shut = Files.createDirectory(tree.resolve("shut"));
        Path file = Files.createFile(tree.resolve("file"));
        Files.setPosixFilePermissions(tree, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(shut, PosixFilePermissions.fromString("rwx------"));
        boolean ordinary = caller.uid() != 0;
        assertThat(caller.canEnter(tree, open, false)).isTrue();
        assertThat(caller.canEnter(tree, shut, false)).isEqualTo(ordinary);
        assertThat(caller.canEnter(tree, shut, true)).isTrue();
        assertThat(caller.canEnter(shut, shut, false)).isTrue();
        assertThat(caller.canEnter(tree, file, true)).isFalse();
    }

    @Test
    void aDescriptorThatIsNotOpenCannotBeRead() {
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> caller.read(99_999))
                .withMessage("cannot read descriptor 99999");
    }
}
