package io.cloister.samples.plugins.manifest;

import io.cloister.sandbox.VisibleText;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// What the manifest of a plugin's jar says, which is all of the jar that the host ever reads.
///
/// @param id the `Plugin-Id`
/// @param version the `Plugin-Version`
/// @param description the `Plugin-Description`, visible and on one line
/// @param permissions what it asks for, by `Permission-...`
public record PluginManifest(
        String id, String version, String description, Permissions permissions) {
    private static final int LONGEST = 64 * 1024;
    private static final int LONGEST_SHOWN = 200;

    /// Its directory, which is read whole to find the manifest, is no longer than the jar.
    private static final long LARGEST = 64L * 1024 * 1024;

    private static final String PREFIX = "Permission-";

    /// Checks the id: it names a directory and stands in logs.
    public PluginManifest {
        if (!id.matches("[a-z][a-z0-9-]{0,40}")) {
            throw new IllegalArgumentException(
                    "Plugin-Id must match [a-z][a-z0-9-]{0,40}, was \"%s\""
                            .formatted(VisibleText.line(id, LONGEST_SHOWN)));
        }
        version = VisibleText.line(version, LONGEST_SHOWN);
        description = VisibleText.line(description, LONGEST_SHOWN);
    }

    /// Reads the manifest of a jar. No class of it is loaded.
    ///
    /// @param jar the plugin
    /// @return what its manifest says
    /// @throws IOException if it can't be read
    /// @throws IllegalArgumentException if it is not that of a plugin
    public static PluginManifest read(Path jar) throws IOException {
        if (Files.size(jar) > LARGEST) {
            throw new IllegalArgumentException(
                    "%s must have at most %d bytes, has %d"
                            .formatted(jar, LARGEST, Files.size(jar)));
        }
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.getEntry(JarFile.MANIFEST_NAME);
            if (entry == null) {
                throw new IllegalArgumentException(jar + " has no " + JarFile.MANIFEST_NAME);
            }
            try (InputStream stream = zip.getInputStream(entry)) {
                byte[] bytes = stream.readNBytes(LONGEST + 1);
                if (bytes.length > LONGEST) {
                    throw new IllegalArgumentException(
                            "the manifest of %s has more than %d bytes".formatted(jar, LONGEST));
                }
                return of(new Manifest(new ByteArrayInputStream(bytes)).getMainAttributes());
            }
        }
    }

    /// {@return what these attributes say}
    ///
    /// @param attributes the main ones of a manifest
    /// @throws IllegalArgumentException if they are not those of a plugin
    static PluginManifest of(Attributes attributes) {
        Map<String, String> asked = new LinkedHashMap<>();
        attributes.forEach((key, value) -> {
            String name = key.toString();
            if (name.startsWith(PREFIX)) {
                asked.put(name.substring(PREFIX.length()), value.toString());
            }
        });
        return new PluginManifest(
                text(attributes, "Plugin-Id"),
                text(attributes, "Plugin-Version"),
                text(attributes, "Plugin-Description"),
                Permissions.of(asked));
    }

    private static String text(Attributes attributes, String name) {
        String value = attributes.getValue(name);
        return value == null ? "" : value;
    }
}
