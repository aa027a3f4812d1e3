package io.cloister.sandbox.linux.files;

import static io.cloister.sandbox.linux.program.Linux.AT_FDCWD;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.ffm.TreeCalls;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

class TreeRemovalTest {

    @TempDir Path directory;
    private Path tree;
    private int parent;

    @BeforeEach
    void aTree() throws IOException {
        tree = Files.createDirectory(directory.resolve("tree"));
        parent = TreeCalls.asSelf().openDirectory(AT_FDCWD, directory.toString());
    }

    @AfterEach
    void close() {
        Kernel.close(parent);
    }

    private void remove() {
        TreeRemoval.remove(parent, "tree");
        assertThat(tree).doesNotExist();
    }

    @Test
    void filesAndDirectoriesAreGone() throws IOException {
        Files.createDirectories(tree.resolve("a/b/c"));
        Files.writeString(tree.resolve("a/b/f"), "x");
        Files.writeString(tree.resolve("moved-0"), "a name that is used on the way");
        Files.createDirectories(tree.resolve("moved-1/x"));
        remove();
    }

    @Test
    void manyOfThemAreGone() throws IOException {
        for (int i = 0; i < 3000; i++) {
            Files.createDirectories(tree.resolve("a" + i % 7 + "/" + i + "/" + "n".repeat(200)));
        }
        remove();
    }

    @Test
    void aLinkIsRemovedAndNotFollowed() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("f"), "x");
        Files.createSymbolicLink(tree.resolve("link"), outside);
        Files.createDirectories(tree.resolve("a/b"));
        Files.createSymbolicLink(tree.resolve("a/b/link"), outside);
        remove();
        assertThat(outside.resolve("f")).hasContent("x");
    }

    @Test
    void aLinkInPlaceOfTheTreeIsNotFollowed() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("f"), "x");
        Files.delete(tree);
        Files.createSymbolicLink(tree, outside);
        remove();
        assertThat(outside.resolve("f")).hasContent("x");
    }

    @Test
    void closedDirectoriesAreOpened() throws IOException {
        Files.createDirectories(tree.resolve("a/b/c"));
        Files.writeString(tree.resolve("a/b/f"), "x");
        for (String path : new String[] {"a/b/c", "a/b", "a", ""}) {
            Files.setPosixFilePermissions(
                    tree.resolve(path), PosixFilePermissions.fromString("---------"));
        }
        remove();
    }

    @Test
    void whatCannotBeRemovedKeepsNothingElse() throws Exception {
        Path kept = Files.createDirectories(tree.resolve("a/b/kept"));
        Path file = Files.writeString(kept.resolve("f"), "x");
        for (int i = 0; i < 20; i++) {
            Files.createDirectories(tree.resolve("a/b/" + i + "/c"));
            Files.writeString(tree.resolve(i + ""), "x");
        }
        Assumptions.assumeTrue(
                immutable("+i", file), "needs root and a file system with immutable files");
        try {
            assertThatThrownBy(() -> TreeRemoval.remove(parent, "tree"))
                    .isInstanceOf(SandboxException.class)
                    .hasMessageContaining("EPERM");
            try (Stream<Path> left = Files.walk(tree)) {
                assertThat(left.filter(Files::isRegularFile)).hasSize(1);
            }
        } finally {
            try (Stream<Path> left = Files.walk(tree)) {
                immutable("-i", left.filter(Files::isRegularFile).findFirst().orElseThrow());
            }
        }
        remove();
    }

    private static boolean immutable(String flag, Path file) throws Exception {
        return new ProcessBuilder("sh", "-c", "chattr " + flag + " \"$0\"", file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    @Test
    void whatIsNotThereIsNoProblem() throws IOException {
        Files.delete(tree);
        assertThatCode(() -> TreeRemoval.remove(parent, "tree")).doesNotThrowAnyException();
    }
}
