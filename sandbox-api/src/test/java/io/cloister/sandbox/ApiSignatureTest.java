package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// All that users of the module can name is in `api.txt`, so that no change of it goes unseen: a
/// line that is gone or different breaks programs, a new one is there to stay.
///
/// After a change on purpose: `mvn -pl sandbox-api test -Dtest=ApiSignatureTest
/// -Dcloister.update=true` writes the file.
class ApiSignatureTest {

    private static final Path CLASSES = Path.of("target/classes");
    private static final Path SIGNATURES = Path.of("src/test/resources/api.txt");

    @Test
    void theApiIsAsItWas() throws IOException {
        List<String> now = signatures();
        if (Boolean.getBoolean("cloister.update")) {
            Files.write(SIGNATURES, now);
            return;
        }
        Set<String> gone = new TreeSet<>(Files.readAllLines(SIGNATURES));
        Set<String> added = new TreeSet<>(now);
        gone.removeAll(now);
        added.removeAll(Files.readAllLines(SIGNATURES));

        assertThat(gone).as("gone from the API, which breaks programs; see api.txt").isEmpty();
        assertThat(added).as("new in the API; see the head of this test").isEmpty();
        assertThat(now).isEqualTo(Files.readAllLines(SIGNATURES));
    }

    @Test
    void membersOfHiddenAncestorsCountAndHiddenOnesDoNot() throws IOException {
        assertThat(signatures())
                .anyMatch(line ->
                        line.startsWith("io.cloister.sandbox.Sandbox: ")
                                && line.contains("SandboxResult run(io.cloister.sandbox.Command)"))
                .anyMatch(line ->
                        line.startsWith(
                                "io.cloister.sandbox.Outcome$Exited: public static final record "))
                .noneMatch(line -> line.contains("startStage"))
                .noneMatch(line -> line.contains("sandbox.events."))
                .noneMatch(line -> line.contains("sandbox.json."));
    }

    private static List<String> signatures() throws IOException {
        ModuleDescriptor descriptor;
        try (InputStream in = Files.newInputStream(CLASSES.resolve("module-info.class"))) {
            descriptor = ModuleDescriptor.read(in);
        }
        List<String> lines = new ArrayList<>();
        for (ModuleDescriptor.Exports export : descriptor.exports()) {
            if (!export.isQualified()) {
                for (Class<?> type : types(export.source())) {
                    signatures(type, lines);
                }
            }
        }
        return lines.stream().sorted().distinct().toList();
    }

    private static List<Class<?>> types(String packageName) throws IOException {
        try (Stream<Path> files = Files.list(CLASSES.resolve(packageName.replace('.', '/')))) {
            List<Class<?>> types = new ArrayList<>();
            for (Path file : files.toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                if (file.toString().endsWith(".class") && !name.equals("package-info")) {
                    types.add(type(packageName + "." + name));
                }
            }
            return types.stream().filter(ApiSignatureTest::canBeNamed).toList();
        }
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(name, false, ApiSignatureTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(name, e);
        }
    }

    private static boolean canBeNamed(Class<?> type) {
        return isOpen(type.getModifiers())
                && !type.isAnonymousClass()
                && !type.isLocalClass()
                && (type.getEnclosingClass() == null || canBeNamed(type.getEnclosingClass()));
    }

    private static boolean isOpen(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static void signatures(Class<?> type, List<String> lines) {
        String head = type.getName() + ": ";
        lines.add(head + declaration(type));
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            add(constructor, head, lines);
        }
        // A method of an ancestor that cannot be named is one of this class for its users.
        Class<?> declaring = type;
        do {
            for (Field field : declaring.getDeclaredFields()) {
                add(field, head, lines);
            }
            for (Method method : declaring.getDeclaredMethods()) {
                add(method, head, lines);
            }
            declaring = declaring.getSuperclass();
        } while (declaring != null && !canBeNamed(declaring) && declaring != Object.class);
    }

    private static String declaration(Class<?> type) {
        List<String> above = new ArrayList<>();
        if (type.getGenericSuperclass() != null) {
            above.add(type.getGenericSuperclass().getTypeName());
        }
        Arrays.stream(type.getGenericInterfaces()).map(Type::getTypeName).forEach(above::add);
        String permits =
                type.isSealed()
                        ? " permits "
                                + Arrays.stream(type.getPermittedSubclasses())
                                        .map(Class::getName)
                                        .collect(Collectors.joining(", "))
                        : "";
        return type.toGenericString() + " : " + String.join(", ", above) + permits;
    }

    private static void add(Member member, String head, List<String> lines) {
        if (isOpen(member.getModifiers()) && !member.isSynthetic()) {
            String text =
                    switch (member) {
                        case Executable it -> it.toGenericString();
                        case Field it -> it.toGenericString();
                        default -> throw new AssertionError(member);
                    };
            String name = member.getName();
            text = text.replace(member.getDeclaringClass().getTypeName() + "." + name, name);
            // How it is done is nobody's business.
            lines.add(head + text.replace("synchronized ", "").replace("native ", ""));
        }
    }
}
