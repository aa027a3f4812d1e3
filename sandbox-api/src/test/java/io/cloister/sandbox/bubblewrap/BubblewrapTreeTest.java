package io.cloister.sandbox.bubblewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.EmptyDirectory;
import io.cloister.sandbox.policy.FileContent;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.policy.ProcFilesystem.View;
import io.cloister.sandbox.policy.RootFilesystem;
import io.cloister.sandbox.policy.Symlink;
import io.cloister.sandbox.policy.Tmpfs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What a line says of the file tree.
class BubblewrapTreeTest {
    private static final String SEALED = " --remount-ro /";

    private final FakeCaller caller = new FakeCaller();

    private BubblewrapCommand parse(String line) {
        List<String> words = new ArrayList<>(Arrays.asList(line.split(" ")));
        words.add("true");
        return BubblewrapCommand.parse(words, caller);
    }

    private RootFilesystem root(String line) {
        return parse(line).spec().filesystem().root();
    }

    private List<Mount> mounts(String line) {
        return parse(line).spec().filesystem().mounts();
    }

    private List<String> notes(String line) {
        return parse(line).notHonoured();
    }

    private static Bind readOnly(String path) {
        return Bind.readOnly(Path.of(path));
    }

    private static Bind writable(String path) {
        return Bind.writable(Path.of(path));
    }

    @Test
    void theRootIsEmptyUnlessSomethingIsBoundThere() {
        assertThat(root("--ro-bind /usr /usr")).isEqualTo(new RootFilesystem.Empty(false));
        assertThat(root("--ro-bind /usr /usr --dev /dev"))
                .isEqualTo(new RootFilesystem.Empty(true));
        assertThat(root("--ro-bind / /"))
                .isEqualTo(new RootFilesystem.Directory(Path.of("/"), false));
        assertThat(root("--bind / /")).isEqualTo(new RootFilesystem.Directory(Path.of("/"), true));
        assertThat(root("--bind / / --remount-ro /"))
                .isEqualTo(new RootFilesystem.Directory(Path.of("/"), false));
        assertThat(root("--bind / / --tmpfs /")).isEqualTo(new RootFilesystem.Empty(false));
        assertThat(root("--bind-try /none /")).isEqualTo(new RootFilesystem.Empty(false));
    }

    @Test
    void aRootOfTheHostShowsItsTmpUnlessSomethingElseIsThere() {
        assertThat(mounts("--ro-bind / /")).containsExactly(readOnly("/tmp"));
        assertThat(mounts("--bind / /")).containsExactly(writable("/tmp"));
        assertThat(mounts("--ro-bind / / --bind /etc /tmp"))
                .containsExactly(Bind.writable(Path.of("/etc"), "/tmp"));
        assertThat(mounts("--dev-bind / /"))
                .containsExactly(writable("/tmp").allowDevices(), writable("/dev").allowDevices());
        caller.path("/srv/img");
        assertThat(mounts("--bind /srv/img /")).isEmpty();
    }

    @Test
    void aRootOfTheHostHasDevAndProcOfTheSandboxAndThatIsSaid() {
        assertThat(notes("--ro-bind / /"))
                .containsExactly(
                        "/dev: the sandbox's own, as with --dev /dev",
                        "/proc: the sandbox's own, as with --proc /proc");
        assertThat(notes("--ro-bind / / --dev /dev --proc /proc")).isEmpty();
        assertThat(notes("--ro-bind / / --dev-bind /dev /dev --proc /proc")).isEmpty();
    }

    @Test
    void mountsStayInOrderAndALaterOneCoversWhatItHides() {
        assertThat(
                        mounts(
                                "--bind /etc /a --ro-bind /usr /a/b --dev-bind /dev/dri /c"
                                        + " --ro-bind-try /none /d"))
                .containsExactly(
                        Bind.writable(Path.of("/etc"), "/a"),
                        Bind.readOnly(Path.of("/usr"), "/a/b"),
                        Bind.writable(Path.of("/dev/dri"), "/c").allowDevices(),
                        Bind.readOnly(Path.of("/none"), "/d").skipIfMissing());
        assertThat(mounts("--bind /etc /a --ro-bind /usr /a/b --ro-bind /etc /a"))
                .containsExactly(Bind.readOnly(Path.of("/etc"), "/a"));
        assertThat(mounts("--tmpfs /tmp --ro-bind-try /none /tmp"))
                .hasSize(1)
                .first()
                .isInstanceOf(Tmpfs.class);
        assertThat(mounts("--dir /a --tmpfs /a")).singleElement().isInstanceOf(Tmpfs.class);
    }

    @Test
    void sourcesAreResolvedAndStartFromTheCallersDirectory() {
        caller.link("/lib64", "/usr/lib64").path("/home/ann/out");
        assertThat(mounts("--ro-bind /lib64 lib64/"))
                .containsExactly(Bind.readOnly(Path.of("/usr/lib64"), "/lib64"));
        assertThat(mounts("--bind out /w"))
                .containsExactly(Bind.writable(Path.of("/home/ann/out"), "/w"));
        assertThat(mounts("--ro-bind-fd 5 /w")).containsExactly(Bind.readOnly(5, "/w"));
        assertThat(mounts("--bind-fd 5 /w")).containsExactly(Bind.writable(5, "/w"));
    }

    @Test
    void permissionsAndSizeHoldForTheNextOperationAlone() {
        assertThat(mounts("--perms 0700 --size 4096 --tmpfs /a --tmpfs /b"))
                .containsExactly(
                        new Tmpfs("/a", Bytes.of(4096), Tmpfs.DEFAULT_INODES, 0700),
                        new Tmpfs("/b", Tree.DEFAULT_SIZE));
        assertThat(mounts("--size 1 --perms 1777 --tmpfs /a"))
                .containsExactly(new Tmpfs("/a", Bytes.of(1), Tmpfs.DEFAULT_INODES, 01777));
    }

    @Test
    void whatIsShutToOthersIsInDirectoriesThatAreShutToThem() {
        assertThat(mounts("--perms 0700 --dir /a/b/c" + SEALED))
                .containsExactly(
                        new EmptyDirectory("/a", 0700),
                        new EmptyDirectory("/a/b", 0700),
                        new EmptyDirectory("/a/b/c", 0700));
        assertThat(mounts("--dir /a --perms 0750 --dir /a/b/c" + SEALED))
                .containsExactly(
                        new EmptyDirectory("/a"),
                        new EmptyDirectory("/a/b", 0750),
                        new EmptyDirectory("/a/b/c", 0750));
    }

    @Test
    void directoriesCanBeWrittenToUnlessTheRootIsMadeReadOnly() {
        assertThat(mounts("--dir /tmp --dir /tmp/a --dir /tmp"))
                .containsExactly(
                        new Tmpfs("/tmp", Tree.DEFAULT_SIZE), new EmptyDirectory("/tmp/a"));
        assertThat(notes("--dir /tmp"))
                .containsExactly("/: read-only for the command, as after --remount-ro /");
        assertThat(mounts("--dir /tmp" + SEALED)).containsExactly(new EmptyDirectory("/tmp"));
        assertThat(notes("--dir /tmp" + SEALED)).isEmpty();
    }

    @Test
    void filesComeFromDescriptors() {
        caller.descriptor(3, "one").descriptor(4, "two").descriptor(5, "three");
        assertThat(
                        mounts(
                                "--file 3 /etc/a --perms 0444 --ro-bind-data 4 /etc/b"
                                        + " --ro-bind-data 5 /etc/c"))
                .containsExactly(
                        new FileContent("/etc/a", bytes("one"), 0666),
                        new FileContent("/etc/b", bytes("two"), 0444),
                        new FileContent("/etc/c", bytes("three"), 0600));
    }

    @Test
    void dataThatCouldBeWrittenToIsReadOnlyInTheRootAndThatIsSaid() {
        caller.descriptor(3, "one").descriptor(4, "two").descriptor(5, "three");
        assertThat(notes("--bind-data 3 /a" + SEALED))
                .singleElement()
                .asString()
                .startsWith("--bind-data 3 /a: read-only;");
        assertThat(notes("--tmpfs /t --bind-data 4 /t/a" + SEALED)).isEmpty();
        assertThat(notes("--tmpfs /t --ro-bind-data 5 /t/a" + SEALED))
                .containsExactly("--ro-bind-data 5 /t/a: writable, as what it lies in is");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void linksAreMadeAndFollowed() {
        assertThat(mounts("--symlink usr/lib64 /lib64 --symlink usr/lib64 /lib64"))
                .containsExactly(new Symlink("/lib64", "usr/lib64"));
        assertThat(mounts("--symlink ../run var/run --tmpfs /var/run/x"))
                .endsWith(new Tmpfs("/run/x", Tree.DEFAULT_SIZE));
        caller.link("/var/run", "/run").path("/run").path("/run/x");
        assertThat(mounts("--ro-bind / / --tmpfs /var/run/x"))
                .endsWith(new Tmpfs("/run/x", Tree.DEFAULT_SIZE));
    }

    @Test
    void aMountCanBeMadeReadOnlyLater() {
        assertThat(mounts("--bind /etc /a --bind /usr /a/b --remount-ro /a"))
                .containsExactly(
                        Bind.readOnly(Path.of("/etc"), "/a"),
                        Bind.writable(Path.of("/usr"), "/a/b"));
        assertThat(mounts("--tmpfs /a --dir /a/b --remount-ro /a" + SEALED))
                .containsExactly(new EmptyDirectory("/a"), new EmptyDirectory("/a/b"));
    }

    @Test
    void permissionsOfWhatTheLineMakesCanBeChanged() {
        caller.descriptor(3, "one");
        assertThat(
                        mounts(
                                "--dir /a --tmpfs /b/c --file 3 /d --chmod 0711 /a --chmod 0700 /b"
                                        + " --chmod 1777 /b/c --chmod 0400 /d"
                                        + SEALED))
                .containsExactly(
                        new EmptyDirectory("/a", 0711),
                        new EmptyDirectory("/b", 0700),
                        new Tmpfs("/b/c", Tree.DEFAULT_SIZE, Tmpfs.DEFAULT_INODES, 01777),
                        new FileContent("/d", bytes("one"), 0400));
    }

    @Test
    void procIsThereWhereItIsAskedFor() {
        ProcFilesystem standard = ProcFilesystem.standard();
        assertThat(proc("--dir /a")).isEqualTo(standard.view(View.ABSENT));
        assertThat(proc("--proc /proc")).isEqualTo(standard);
        assertThat(proc("--ro-bind /proc /proc")).isEqualTo(standard);
        caller.path("/proc/stat").path("/dev/null");
        assertThat(proc("--proc /proc --ro-bind /proc/stat /proc/stat"))
                .isEqualTo(standard.protect("/proc/stat"));
        assertThat(proc("--proc /proc --ro-bind /dev/null /proc/stat --tmpfs /proc/tty"))
                .isEqualTo(standard.hide("/proc/stat").hide("/proc/tty"));
        assertThat(notes("--ro-bind /proc /proc --unshare-pid" + SEALED))
                .singleElement()
                .asString()
                .startsWith("--ro-bind /proc /proc: shows the sandbox's own processes");
        assertThat(notes("--ro-bind /proc /proc" + SEALED)).isEmpty();
    }

    private ProcFilesystem proc(String line) {
        return parse(line).spec().filesystem().proc();
    }

    @Test
    void devicesOfTheHostAreReadOnlyForRoot() {
        caller.root();
        assertThat(mounts("--dev-bind /dev /dev")).containsExactly(readOnly("/dev").allowDevices());
        assertThat(notes("--dev-bind /dev /dev --cap-drop ALL" + SEALED))
                .singleElement()
                .asString()
                .startsWith("--dev-bind /dev /dev: devices can be written to");
    }

    @Test
    void aDirectoryInATreeOfTheHostIsNotMadeAndThatIsSaid() {
        assertThat(mounts("--bind /home /home --dir /home/ann")).containsExactly(writable("/home"));
        assertThat(notes("--bind /home /home --dir /home/ann" + SEALED)).isEmpty();
        assertThat(notes("--bind /home /home --dir /home/bob" + SEALED))
                .containsExactly(
                        "--dir /home/bob: not made in /home, which shows a tree of the host: make"
                                + " it there");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--proc /p | --proc (word 1): proc can only be at /proc, was \"/p\"",
                "--dev /d | --dev (word 1): dev can only be at /dev, was \"/d\"",
                "--bind /etc /a/../b | --bind (word 1): expected a place without \"..\"",
                "--ro-bind /etc /etc --file 3 /etc/x | --file (word 4): nothing is made in /etc,",
                "--ro-bind / / --ro-bind-data 3 /etc/x | --ro-bind-data (word 4): nothing is made"
                        + " in /,",
                "--ro-bind /etc /etc --symlink a /etc/x | --symlink (word 4): nothing is made in",
                "--ro-bind-fd 5 /a --symlink a /a/x | --symlink (word 4): nothing is made in /a,",
                "--dir /a --symlink b /a | --symlink (word 3): something else is there already",
                "--symlink b /a --ro-bind /etc /a | --ro-bind (word 4): a link is there already",
                "--bind /etc /a --file 3 /a | --file (word 4): something else is there already",
                "--remount-ro /a | --remount-ro (word 1): no mount of this line is there",
                "--bind /etc /a --chmod 0700 /a | --chmod (word 4): only what this line makes",
                "--chmod 0700 /a | --chmod (word 1): only what this line makes can be changed",
                "--perms 4755 --file 3 /a | --file (word 3): mode must be 0 to 0777, was 04755",
                "--bind-fd 5 / | --bind-fd (word 1): the root is a directory by its path",
                "--bind /proc/stat /proc/stat | --bind (word 1): a path of /proc can only be made"
            })
    void whatWouldChangeTheMeaningIsRefused(String line, String message) {
        caller.descriptor(3, "text").path("/proc/stat").path("/etc/x");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(line))
                .withMessageStartingWith(message);
    }
}
