package io.cloister.samples.build.surefire;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// A test that does one thing, which its argument names.
public final class Victim {
    private Victim() {}

    private interface Act {
        void run() throws Throwable;
    }

    public static void main(String[] arguments) throws Throwable {
        switch (arguments[0]) {
            case "behave" -> behave();
            case "exit" -> System.exit(7);
            case "read" ->
                    tell(() ->
                            Files.readString(
                                    Path.of(System.getProperty("user.home"), ".ssh/id_rsa")));
            case "chdir" ->
                    new ProcessBuilder("sh", "-c", "mkdir -p ~/.ssh; cd ~/.ssh; cat id_rsa")
                            .start()
                            .waitFor();
            case "setuid" -> setUserId();
            case "forge" -> {
                Path reports = Path.of("target/sandbox-reports");
                tell(() -> Files.writeString(reports.resolve("java.json"), "{}"));
                tell(() -> Files.move(reports, Path.of("target/aside")));
            }
            case "dial" -> dial();
            case "daemon" ->
                    new ProcessBuilder("sh", "-c", "setsid sleep 4711 & sleep 0.2")
                            .start()
                            .waitFor();
            case "sleep" -> new ProcessBuilder("sleep", "4713").start().waitFor();
            case "forks" -> forks();
            case "memory" -> memory();
            case "write" -> tell(() -> Files.writeString(Path.of("made"), "made"));
            case "variable" -> System.out.println(System.getenv("SECRET_TOKEN"));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void tell(Act act) throws Throwable {
        try {
            act.run();
            System.out.println("done");
        } catch (IOException e) {
            System.out.println(e.getClass().getSimpleName());
        }
    }

    private static void behave() throws IOException {
        Files.writeString(Path.of("target/made"), "made");
        Files.writeString(Path.of(System.getProperty("user.home"), "cache"), "made");
        Files.writeString(Files.createTempFile("made", ""), "made");
        Files.readString(Path.of("sandbox.properties"));
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
            client.getOutputStream().write(1);
        }
        System.out.println("behaved");
    }

    /// By open(2) itself, since no library makes such a file at once.
    @SuppressWarnings("restricted")
    private static void setUserId() throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle open =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("open"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT),
                        Linker.Option.firstVariadicArg(2));
        try (Arena arena = Arena.ofConfined()) {
            int flags = 0x41; // O_CREAT | O_WRONLY
            System.out.println(
                    (int) open.invokeExact(arena.allocateFrom("target/setuid"), flags, 04755));
            tell(() -> {
                if ((int) open.invokeExact(arena.allocateFrom("target/plain"), flags, 0755) < 0) {
                    throw new IOException("open");
                }
            });
        }
    }

    private static void dial() throws Throwable {
        tell(() -> new Socket("192.0.2.1", 80).close());
        tell(() -> {
            try (DatagramSocket socket = new DatagramSocket()) {
                InetSocketAddress to = new InetSocketAddress("192.0.2.2", 9);
                socket.send(new DatagramPacket(new byte[1], 1, to));
            }
        });
        tell(() -> new Socket("secret.example.org", 80).close());
    }

    /// Bounded, in case that nothing else bounds it.
    private static void forks() throws IOException {
        for (int i = 0; i < 100; i++) {
            try {
                new ProcessBuilder("sleep", "5").start();
            } catch (IOException e) {
                // Goes on, as a bomb does.
            }
        }
    }

    private static void memory() throws IOException {
        Path file = Files.createTempFile(Path.of("/dev/shm"), "bomb", "");
        List<byte[]> kept = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int i = 0; i < 400; i++) {
                kept.add(new byte[1]);
                channel.write(java.nio.ByteBuffer.allocateDirect(1 << 20));
            }
        }
        System.out.println(kept.size());
    }
}
