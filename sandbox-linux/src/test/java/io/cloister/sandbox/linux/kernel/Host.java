package io.cloister.sandbox.linux.kernel;

import io.cloister.sandbox.linux.ffm.Kernel;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a test sees and needs of the host.
final class Host {

    private static final int PATIENCE_SECONDS = 60;
    private static final int PAUSE_MILLIS = 10;

    private Host() {}

    static boolean isRoot() {
        return uid() == 0;
    }

    /// The effective user of this JVM.
    static int uid() {
        return Integer.parseInt(status("Uid").split("\\s+")[1]);
    }

    /// A field of /proc/self/status of this JVM.
    static String status(String field) {
        return read("/proc/self/status")
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    static void needsRoot() {
        Assumptions.assumeTrue(
                isRoot() && read("/proc/self/uid_map").contains("4294967295"),
                "needs CAP_SETUID: run as root");
    }

    static void needsOrdinaryUser() {
        Assumptions.assumeFalse(isRoot(), "needs an ordinary user: do not run as root");
    }

    /// In many containers the settings of the kernel are read-only.
    static void needsWritableSettings() {
        boolean readOnly =
                read("/proc/self/mountinfo")
                        .lines()
                        .map(line -> line.split(" "))
                        .anyMatch(mount ->
                                List.of("/proc", "/proc/sys").contains(mount[4])
                                        && List.of(mount[5].split(",")).contains("ro"));
        Assumptions.assumeFalse(readOnly, "needs a writable /proc/sys: unmask it");
    }

    /// The version of the kernel's Landlock; 0: none.
    static int landlock() {
        return Math.max(0, Kernel.landlockVersion());
    }

    static void needsLandlock(int abi) {
        Assumptions.assumeTrue(
                landlock() >= abi,
                "needs Landlock of ABI "
                        + abi
                        + ": run a kernel that has it, this one has ABI "
                        + landlock());
    }

    static void needsProgram(String program, String debianPackage) {
        boolean there =
                Stream.of("/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/")
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory + program)));
        Assumptions.assumeTrue(
                there, "no " + program + " here: install the Debian package " + debianPackage);
    }

    /// A word that no other process has on its command line.
    static String token() {
        return "token-" + UUID.randomUUID();
    }

    /// Whether the kernel is one that runs as a process of another.
    static boolean isUserModeLinux() {
        try {
            return Files.readString(Path.of("/proc/cpuinfo")).contains("User Mode Linux");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The ids of live processes that have `token` on their command line, other than this JVM.
    static List<Long> processesWith(String token) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> commandLine(process.pid()).contains(token))
                .map(ProcessHandle::pid)
                .toList();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        } catch (IOException e) {
            // It has ended since it was listed.
            return "";
        }
    }

    /// How many processes there are below this JVM.
    static long descendants() {
        return ProcessHandle.current().descendants().count();
    }

    /// Waits until there are at most so many processes below this JVM; tells which there are.
    static void awaitDescendants(long most) {
        try {
            await("end of processes", () -> descendants() <= most);
        } catch (AssertionError e) {
            String left =
                    ProcessHandle.current()
                            .descendants()
                            .map(process -> read("/proc/" + process.pid() + "/stat").strip())
                            .collect(Collectors.joining("\n"));
            throw new AssertionError("expected at most " + most + ", found\n" + left, e);
        }
    }

    /// What the descriptors of this JVM refer to, without files of the class path.
    static List<String> descriptors() {
        List<String> found = new ArrayList<>();
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            for (Path link : links.toList()) {
                target(link).ifPresent(found::add);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        found.removeIf(
                t -> t.endsWith(".jar") || t.endsWith("/modules") || t.matches("/proc/\\d+/fd"));
        return found;
    }

    private static Optional<String> target(Path link) throws IOException {
        try {
            return Optional.of(Files.readSymbolicLink(link).toString());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /// How many mounts this JVM sees.
    static long mounts() {
        return read("/proc/self/mountinfo").lines().count();
    }

    static String read(String path) {
        try {
            return Files.readString(Path.of(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String link(String path) {
        try {
            return Files.readSymbolicLink(Path.of(path)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until `condition` holds; fails if it does not for a minute.
    static void await(String what, BooleanSupplier condition) {
        for (int i = 0; i < PATIENCE_SECONDS * 1000 / PAUSE_MILLIS; i++) {
            if (condition.getAsBoolean()) {
                return;
            }
            pause();
        }
        throw new AssertionError("waited for a minute, but still not: " + what);
    }

    static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// The command line of a JVM like this one that runs `main`.
    static List<String> java(Class<?> main, String... arguments) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.add("--enable-native-access=ALL-UNNAMED");
        words.add("-Xshare:auto");
        words.add("-XX:TieredStopAtLevel=1");
        words.add("-cp");
        words.add(System.getProperty("java.class.path"));
        words.add(main.getName());
        words.addAll(List.of(arguments));
        return words;
    }

    /// Runs a program to its end; returns all that it printed.
    static String output(List<String> words) {
        try {
            Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String text =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(words.getFirst() + " does not end: " + text);
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
