import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/// Gives the classes of a jar that was compiled for Java 5 the stack maps of Java 6 and newer.
///
/// Without them a class is verified in the old way at each start, which is slow, and no AOT cache
/// takes it. The code stays as it is.
///
/// Usage: `java StackMaps.java <jar>`
final class StackMaps {
    private static final int MAJOR_WITHOUT_MAPS = 49;
    private static final int MAJOR_WITH_MAPS = 52;

    private StackMaps() {}

    static void main(String[] arguments) throws IOException {
        Path jar = Path.of(arguments[0]);
        Path made = Files.createTempFile(jar.toAbsolutePath().getParent(), "stack-maps", ".jar");
        boolean changed = false;
        try (JarFile in = new JarFile(jar.toFile());
                OutputStream file = Files.newOutputStream(made);
                JarOutputStream out = new JarOutputStream(file)) {
            ClassFile classes =
                    ClassFile.of(
                            ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                            ClassFile.ClassHierarchyResolverOption.of(
                                    ClassHierarchyResolver.ofResourceParsing(
                                                    type -> open(in, type.descriptorString()))
                                            .orElse(ClassHierarchyResolver.defaultResolver())));
            Enumeration<JarEntry> entries = in.entries();
            while (entries.hasMoreElements()) {
                JarEntry entry = entries.nextElement();
                byte[] bytes = in.getInputStream(entry).readAllBytes();
                if (entry.getName().endsWith(".class")) {
                    ClassModel model = classes.parse(bytes);
                    if (model.majorVersion() <= MAJOR_WITHOUT_MAPS) {
                        bytes = classes.transformClass(model, newer());
                        changed = true;
                    }
                }
                JarEntry copy = new JarEntry(entry.getName());
                copy.setTime(entry.getTime());
                out.putNextEntry(copy);
                out.write(bytes);
                out.closeEntry();
            }
        }
        if (changed) {
            // Its time stays, so that nothing is copied or recorded again because of it.
            Files.setLastModifiedTime(made, Files.getLastModifiedTime(jar));
            Files.setPosixFilePermissions(made, Files.getPosixFilePermissions(jar));
            Files.move(made, jar, StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.delete(made);
        }
    }

    private static ClassTransform newer() {
        return ClassTransform.endHandler(
                        builder -> builder.with(ClassFileVersion.of(MAJOR_WITH_MAPS, 0)))
                .andThen(
                        ClassTransform.transformingMethodBodies(
                                (builder, element) -> builder.with(element)));
    }

    private static InputStream open(JarFile jar, String descriptor) {
        String name = descriptor.substring(1, descriptor.length() - 1) + ".class";
        JarEntry entry = jar.getJarEntry(name);
        try {
            return entry == null ? null : jar.getInputStream(entry);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
