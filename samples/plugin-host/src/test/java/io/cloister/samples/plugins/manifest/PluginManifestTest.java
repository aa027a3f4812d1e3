package io.cloister.samples.plugins.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

class PluginManifestTest {
    @TempDir Path directory;

    @Test
    void theManifestOfAJarIsRead() throws IOException {
        Path jar =
                jar(
                        """
                        Manifest-Version: 1.0
                        Plugin-Id: shout
                        Plugin-Version: 1.2.0
                        Plugin-Description: Turns a text into capitals
                        Permission-Memory: 96m
                        """);

        assertThat(PluginManifest.read(jar))
                .isEqualTo(
                        new PluginManifest(
                                "shout",
                                "1.2.0",
                                "Turns a text into capitals",
                                Permissions.of(Map.of("Memory", "96m"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "a/b", "Shout", "-x", "a\u001b[2J", "a b"})
    void anIdThatCouldNameAnotherDirectoryIsRefused(String id) throws IOException {
        Path jar = jar("Manifest-Version: 1.0\nPlugin-Id: %s\n".formatted(id));

        assertThatThrownBy(() -> PluginManifest.read(jar))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Plugin-Id")
                .hasMessageNotContaining("\u001b");
    }

    @Test
    void aMisspeltPermissionIsRefused() throws IOException {
        Path jar = jar("Manifest-Version: 1.0\nPlugin-Id: a\nPermission-Memroy: 1g\n");

        assertThatThrownBy(() -> PluginManifest.read(jar))
                .hasMessageContaining("did you mean \"Memory\"?");
    }

    @Test
    void aBombIsNotUnpacked() throws IOException {
        Path jar = jar("Manifest-Version: 1.0\n" + "X: y\n".repeat(10_000_000));

        assertThat(Files.size(jar)).isLessThan(1_000_000);
        assertThatThrownBy(() -> PluginManifest.read(jar))
                .hasMessageContaining("has more than 65536 bytes");
    }

    @Test
    void aJarWhoseDirectoryMayBeHugeIsNotOpened() throws IOException {
        Path jar = directory.resolve("huge.jar");
        try (RandomAccessFile file = new RandomAccessFile(jar.toFile(), "rw")) {
            file.setLength(64L * 1024 * 1024 + 1);
        }
        assertThatThrownBy(() -> PluginManifest.read(jar))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must have at most 67108864 bytes, has 67108865");
    }

    @Test
    void whatIsNoPluginIsRefused() throws IOException {
        Path none = Files.writeString(directory.resolve("text.jar"), "no zip");
        assertThatThrownBy(() -> PluginManifest.read(none)).isInstanceOf(IOException.class);
    }

    private Path jar(String manifest) throws IOException {
        Path jar = directory.resolve("plugin.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
            zip.write(manifest.getBytes());
            zip.closeEntry();
        }
        return jar;
    }
}
