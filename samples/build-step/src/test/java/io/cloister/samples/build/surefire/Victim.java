package io.cloister.samples.build.surefire;

import java.io.IOException;
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
        void run() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "behave" -> behave();
            case "exit" -> System.exit(7);
            case "read" ->
                    tell(() ->
                            Files.readString(
                                    Path.of(System.getProperty("user.home"), ".ssh/id_rsa")));
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

    private static void tell(Act act) throws Exception {
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

    private static void dial() throws Exception {
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
