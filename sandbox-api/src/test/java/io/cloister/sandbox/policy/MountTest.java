package io.cloister.sandbox.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.List;

class MountTest {
    @ParameterizedTest
    @ValueSource(strings = {"/work", "/a/b", "/...", "/a b", "/ü", "/procs", "/dev/shm"})
    void takesAbsolutePathsAsDestination(String path) {
        assertThat(Mount.checkDestination(path)).isEqualTo(path);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "work|must be absolute",
                "''|must be absolute",
                "/|must not be the root",
                "//|must not have a doubled or trailing slash",
                "/a//b|must not have a doubled or trailing slash",
                "/a/|must not have a doubled or trailing slash",
                "/a/../b|must not hold \"..\"",
                "/..|must not hold \"..\"",
                "/./a|must not hold \".\"",
                "/proc|must not be /proc or below it",
                "/proc/self|must not be /proc or below it"
            })
    void refusesWhatIsNoCleanDestinationAndNamesIt(String path, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Mount.checkDestination(path))
                .withMessageStartingWith("destination " + reason)
                .withMessageContaining("was \"" + path + "\"");
    }

    @Test
    void refusesControlCharactersAndPrintsThemEscaped() {
        for (String path : List.of("/a\0b", "/a\nb", "/a\u001bb", "/a\u007fb")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Mount.checkDestination(path))
                    .withMessageStartingWith("destination must not hold control characters")
                    .withMessageContaining("/a\\u00");
        }
    }

    @Test
    void refusesWhatNoFileNameCanBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Mount.checkDestination("/a\ud800"))
                .withMessage("destination must be Unicode text, was \"/a\\ud800\"");
        assertThat(Mount.checkDestination("/a\ud83d\ude00")).hasSize(4);
    }

    @Test
    void namesHave255BytesAndPaths4095() {
        assertThat(Mount.checkDestination("/" + "a".repeat(255))).hasSize(256);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Mount.checkDestination("/" + "ü".repeat(128)))
                .withMessageStartingWith("each name in destination must be <= 255 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Mount.checkDestination("/abc".repeat(1024)))
                .withMessage("destination must be <= 4095 bytes, was 4096");
    }

    @Test
    void aTmpfsIsBounded() {
        assertThat(new Tmpfs("/t", Bytes.of(1), 1, 01777).mode()).isEqualTo(01777);
        assertThat(new Tmpfs("/t", Bytes.of(1)))
                .isEqualTo(new Tmpfs("/t", Bytes.of(1), 65536, 0755));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Tmpfs("/t", Bytes.of(0)))
                .withMessage("size of tmpfs /t must be > 0, was 0 B");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Tmpfs("/t", Bytes.of(1), 0, 0755))
                .withMessage("inodes of tmpfs /t must be > 0, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Tmpfs("/t", Bytes.of(1), 1, 04755))
                .withMessage("mode must be 0 to 01777, was 04755");
    }

    @Test
    void aFileHasNoSetuidBit() {
        assertThat(new FileContent("/f", new byte[0], 0777).mode()).isEqualTo(0777);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FileContent("/f", new byte[0], 04755))
                .withMessage("mode must be 0 to 0777, was 04755");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FileContent("/f", new byte[0], -1))
                .withMessage("mode must be 0 to 0777, was -1");
    }

    @Test
    void contentsOfFilesAreCopiedComparedAndNotPrinted() {
        byte[] bytes = {1, 2};
        FileContent file = new FileContent("/f", bytes);
        bytes[0] = 9;
        file.content()[1] = 9;
        assertThat(file).isEqualTo(new FileContent("/f", new byte[] {1, 2}));
        assertThat(file).hasSameHashCodeAs(new FileContent("/f", new byte[] {1, 2}));
        assertThat(file).isNotEqualTo(new FileContent("/f", new byte[] {1, 3}));
        assertThat(file).isNotEqualTo(new FileContent("/f", new byte[] {1, 2}, 0600));
        assertThat(FileContent.text("/f", "secret"))
                .hasToString("FileContent[destination=/f, content=6 B, mode=0644]");
    }

    @Test
    void aLinkMayPointAnywhereInside() {
        assertThat(new Symlink("/a", "../x").target()).isEqualTo("../x");
        assertThat(new Symlink("/a", "/nowhere").target()).isEqualTo("/nowhere");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Symlink("/a", ""))
                .withMessage("target must not be empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Symlink("/a", "b\0"))
                .withMessageStartingWith("target must not hold control characters");
    }

    @Test
    void aBindIsReadOnlyWithoutDevicesUnlessAsked() {
        Bind bind = Bind.readOnly(Path.of("/usr"));
        assertThat(bind.destination()).isEqualTo("/usr");
        assertThat(bind.writable()).isFalse();
        assertThat(bind.optional()).isFalse();
        assertThat(bind.executable()).isTrue();
        assertThat(bind.devices()).isFalse();
        assertThat(bind.followSymlinks()).isTrue();
        assertThat(bind.skipIfMissing().noexec().allowDevices().nosymfollow().to("/x"))
                .isEqualTo(
                        new Bind(
                                new BindSource.HostPath(Path.of("/usr")),
                                "/x",
                                false,
                                true,
                                false,
                                true,
                                false));
        assertThat(Bind.writable(7, "/in"))
                .isEqualTo(
                        new Bind(
                                new BindSource.HostDescriptor(7),
                                "/in",
                                true,
                                false,
                                true,
                                false,
                                true));
    }

    @Test
    void theSourceOfABindIsAbsoluteAndNormalized() {
        assertThat(Bind.readOnly(Path.of("/"), "/host").source()).hasToString("/");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Bind.readOnly(Path.of("usr"), "/usr"))
                .withMessage("a path of the host must be absolute, was \"usr\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Bind.readOnly(Path.of("/srv/../etc"), "/in"))
                .withMessage("a path of the host must be normalized, was \"/srv/../etc\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Bind.readOnly(Path.of("/a\nb"), "/in"))
                .withMessageStartingWith("a path of the host must not hold control characters");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Bind.readOnly(-1, "/in"))
                .withMessage("descriptor must be >= 0, was -1");
    }

    @Test
    void twoMountsCannotHaveOneDestination() {
        FilesystemPolicy policy = FilesystemPolicy.standard().mount(new EmptyDirectory("/a"));
        assertThat(policy.mount(new EmptyDirectory("/a/b")).mounts()).hasSize(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> policy.mount(new Symlink("/a", "b")))
                .withMessage("mount #1 has the destination of an earlier one: /a");
    }

    @Test
    void scratchSpaceIsBounded() {
        FilesystemPolicy policy = FilesystemPolicy.standard();
        assertThat(policy.scratchSize(Bytes.of(1)).scratchInodes(1).scratchInodes()).isOne();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> policy.scratchSize(Bytes.of(0)))
                .withMessage("scratchSize must be > 0, was 0 B");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> policy.scratchInodes(0))
                .withMessage("scratchInodes must be > 0, was 0");
    }

    @Test
    void aDirectoryRootIsAbsoluteAndNormalized() {
        assertThat(new RootFilesystem.Directory(Path.of("/img"), true).writable()).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RootFilesystem.Directory(Path.of("img"), false))
                .withMessage("a path of the host must be absolute, was \"img\"");
    }
}
