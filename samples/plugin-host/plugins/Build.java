import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

/// Makes a jar of each directory beside this file, of its sources and `MANIFEST.MF`, as the author
/// of a plugin would; and the directory of jars that run inside the sandboxes. Called by the build
/// with the directories of classes, of the target and of the plugins, on the class path that
/// plugins are compiled against.
void main(String[] args) throws IOException {
    Path classes = Path.of(args[0]);
    Path target = Path.of(args[1]);
    Path sources = Path.of(args[2]);
    List<Path> classPath =
            Stream.of(System.getProperty("java.class.path").split(":")).map(Path::of).toList();

    Path runtime = Files.createDirectories(target.resolve("runtime"));
    for (Path jar : classPath) {
        if (jar.getFileName().toString().matches("(jackson|pf4j|java-semver|slf4j).*\\.jar")) {
            copy(jar, runtime.resolve(jar.getFileName()));
        }
    }
    Path packages = Path.of("io/cloister/samples/plugins");
    jar(
            runtime.resolve("runner.jar"),
            new Manifest(),
            classes,
            Stream.of("api", "wire", "runner").map(packages::resolve).toList());

    Path plugins = Files.createDirectories(target.resolve("plugins"));
    try (Stream<Path> directories = Files.list(sources)) {
        for (Path plugin : directories.filter(Files::isDirectory).sorted().toList()) {
            build(plugin, target.resolve("plugin-classes"), plugins);
        }
    }
}

void build(Path plugin, Path allClasses, Path jars) throws IOException {
    Path name = plugin.getFileName();
    Path classes = Files.createDirectories(allClasses.resolve(name));
    List<String> options = new ArrayList<>(List.of("-d", classes.toString(), "-Xlint:-options"));
    // PF4J lists extensions in the jar, by an annotation processor.
    options.addAll(List.of("-proc:full", "--class-path", System.getProperty("java.class.path")));
    files(plugin).stream()
            .filter(file -> file.toString().endsWith(".java"))
            .forEach(file -> options.add(file.toString()));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int status =
            ToolProvider.getSystemJavaCompiler()
                    .run(null, said, said, options.toArray(String[]::new));
    if (status != 0) {
        throw new IllegalStateException("can't compile %s:%n%s".formatted(plugin, said));
    }
    try (var stream = Files.newInputStream(plugin.resolve("MANIFEST.MF"))) {
        jar(jars.resolve(name + ".jar"), new Manifest(stream), classes, List.of(Path.of("")));
    }
}

/// Only if it differs: a cache of the virtual machine knows its jars by their times.
void copy(Path from, Path to) throws IOException {
    if (!Files.exists(to) || Files.mismatch(from, to) >= 0) {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
}

void jar(Path jar, Manifest manifest, Path root, List<Path> parts) throws IOException {
    Path draft = Path.of(jar + ".new");
    try (OutputStream file = Files.newOutputStream(draft);
            JarOutputStream zip = new JarOutputStream(file)) {
        manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
        add(zip, "META-INF/MANIFEST.MF", manifest::write);
        for (Path part : parts) {
            for (Path entry : files(root.resolve(part))) {
                if (Files.isRegularFile(entry)) {
                    add(zip, root.relativize(entry).toString(), out -> Files.copy(entry, out));
                }
            }
        }
    }
    copy(draft, jar);
    Files.delete(draft);
}

void add(JarOutputStream zip, String name, Content content) throws IOException {
    JarEntry entry = new JarEntry(name);
    entry.setTime(0);
    zip.putNextEntry(entry);
    content.write(zip);
    zip.closeEntry();
}

List<Path> files(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
        return files.sorted().toList();
    }
}

interface Content {
    void write(OutputStream out) throws IOException;
}
