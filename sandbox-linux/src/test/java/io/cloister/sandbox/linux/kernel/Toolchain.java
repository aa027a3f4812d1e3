package io.cloister.sandbox.linux.kernel;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.policy.LimitItem;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Languages with a program in `runtimes/`, and how it is compiled and run.
///
/// All of these programs do the same: add up with threads, write, copy and sort a file, start a
/// child. With the argument `serve` those of the runtimes of services also talk to themselves over
/// a socket.
enum Toolchain {
    PYTHON("python3", "python3", "work.py", "python3 /src/work.py"),
    NODE("node", "nodejs", "work.js", "node /src/work.js"),
    PERL("perl", "perl", "work.pl", "perl /src/work.pl"),
    RUBY("ruby", "ruby", "work.rb", "ruby /src/work.rb"),
    JAVA_17(
            "java 17",
            "openjdk-17-jdk-headless",
            "work.java.txt",
            "JDK/bin/javac -d /work /src/Work.java && JDK/bin/java -cp /work Work"),
    JAVA_25(
            "java 25",
            "openjdk-25-jdk-headless",
            "work.java.txt",
            "JDK/bin/javac -d /work /src/Work.java && JDK/bin/java -cp /work Work"),
    GO("go", "golang-go", "work.go", "go build -o /work/go /src/work.go && /work/go"),
    C("gcc", "gcc", "work.c", "gcc -O2 -pthread -o /work/c /src/work.c && /work/c"),
    CPP(
            "g++",
            "g++",
            "work.cpp",
            "g++ -std=c++17 -O1 -pthread -o /work/cpp /src/work.cpp && /work/cpp"),
    BASH("bash", "bash", "work.sh", "bash /src/work.sh"),
    BUSYBOX("busybox", "busybox", "work.sh", "BUSYBOX");

    /// What the programs print.
    static final String OUTPUT = "sum 500500\nsorted 1 2 3 5 8\nchild hello\n";

    /// What those that serve print behind it.
    static final String SERVED = "pong 42\n";

    /// Compilers of many files take their time on a slow machine.
    private static final Duration PATIENCE = Duration.ofSeconds(170);

    private final String program;
    private final String debianPackage;
    private final String source;
    private final String script;

    Toolchain(String program, String debianPackage, String source, String script) {
        this.program = program;
        this.debianPackage = debianPackage;
        this.source = source;
        this.script = script;
    }

    /// Aborts the test where this host does not have it.
    void needed() {
        if (isJava()) {
            Assumptions.assumeTrue(
                    jdk().isPresent(),
                    "no JDK " + release() + " here: install the Debian package " + debianPackage);
        } else {
            Host.needsProgram(program, debianPackage);
        }
    }

    /// A sandbox with the program at `/src`, and room to compile it at `/work`.
    Sandbox.Builder sandbox() {
        String name = isJava() ? "/src/Work.java" : "/src/" + source;
        Sandbox.Builder builder =
                Sandbox.builder()
                        .file(name, resource())
                        .tmpfs("/work", Bytes.mebibytes(512))
                        .workDirectory("/work")
                        // A compiler's files in memory count as memory too.
                        .memoryLimit(Bytes.mebibytes(2048))
                        .bestEffort(LimitItem.MEMORY)
                        .cpuTimeLimit(PATIENCE)
                        .bestEffort(LimitItem.CPU_TIME)
                        .wallTimeLimit(PATIENCE)
                        .environment("GOCACHE", "/work/cache")
                        .environment("GOTMPDIR", "/work")
                        .environment("GO111MODULE", "off")
                        .environment("CGO_ENABLED", "0");
        if (isJava()) {
            Path jdk = jdk().orElseThrow();
            // Debian keeps the settings of a JDK there.
            Path settings = Path.of("/etc/java-" + release() + "-openjdk");
            if (Files.isDirectory(settings)) {
                builder.readOnly(settings);
            }
            if (!jdk.startsWith("/usr")) {
                builder.readOnly(jdk);
            }
        }
        return builder;
    }

    /// Compiles and runs the program.
    Command command(String... arguments) {
        String words = isJava() ? script.replace("JDK", jdk().orElseThrow().toString()) : script;
        if (this == BUSYBOX) {
            // So that all its tools are busybox' own.
            words =
                    "busybox mkdir /work/bin && busybox --install -s /work/bin"
                            + " && PATH=/work/bin /bin/busybox sh /src/work.sh";
        }
        return Command.of("/bin/sh", "-c", words + " " + String.join(" ", arguments));
    }

    private boolean isJava() {
        return this == JAVA_17 || this == JAVA_25;
    }

    private String release() {
        return program.substring(program.indexOf(' ') + 1);
    }

    /// A JDK of this release: the one that runs this, or one where distributions put them.
    private Optional<Path> jdk() {
        try (Stream<Path> installed =
                Files.isDirectory(Path.of("/usr/lib/jvm"))
                        ? Files.list(Path.of("/usr/lib/jvm"))
                        : Stream.empty()) {
            List<Path> homes =
                    Stream.concat(Stream.of(Path.of(System.getProperty("java.home"))), installed)
                            .filter(this::isOfThisRelease)
                            .sorted()
                            .toList();
            return homes.stream().findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isOfThisRelease(Path home) {
        Path release = home.resolve("release");
        try {
            return !Files.isSymbolicLink(home)
                    && Files.isExecutable(home.resolve("bin/javac"))
                    && Files.isReadable(release)
                    && Files.readString(release).contains("JAVA_VERSION=\"" + release());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] resource() {
        try (InputStream in = Toolchain.class.getResourceAsStream("/runtimes/" + source)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return program;
    }
}
