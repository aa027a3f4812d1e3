package io.cloister.samples.cli;

import io.cloister.sandbox.bubblewrap.Supervision;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// The descriptors by which a command line of bubblewrap is watched from outside. They are open in
/// this process, and opened again by their number, since Java has no other way to them.
final class StatusDescriptors implements AutoCloseable {
    private final Supervision supervision;
    private final List<OutputStream> info = new ArrayList<>();
    private final List<OutputStream> status = new ArrayList<>();

    private StatusDescriptors(Supervision supervision) {
        this.supervision = supervision;
    }

    /// Opens what is to be written to, so that a mistake is seen before anything runs.
    ///
    /// @throws UncheckedIOException if one of them cannot be; the message names it
    static StatusDescriptors of(Supervision supervision) throws IOException {
        StatusDescriptors descriptors = new StatusDescriptors(supervision);
        try {
            open(supervision.info(), "--info-fd", descriptors.info);
            open(supervision.status(), "--json-status-fd", descriptors.status);
            return descriptors;
        } catch (UncheckedIOException e) {
            descriptors.close();
            throw e;
        }
    }

    private static void open(OptionalInt descriptor, String option, List<OutputStream> streams) {
        if (descriptor.isEmpty()) {
            return;
        }
        int number = descriptor.getAsInt();
        try {
            streams.add(
                    Files.newOutputStream(
                            path(number), StandardOpenOption.WRITE, StandardOpenOption.APPEND));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s: cannot write to descriptor %d".formatted(option, number), e);
        }
    }

    private static Path path(int descriptor) {
        return Path.of("/proc/self/fd/" + descriptor);
    }

    /// Waits until there is something to read, or nobody writes any more.
    ///
    /// @throws UncheckedIOException if it cannot be read; the message names it
    void block() {
        if (supervision.block().isEmpty()) {
            return;
        }
        int number = supervision.block().getAsInt();
        try (InputStream in = Files.newInputStream(path(number))) {
            in.read();
        } catch (IOException e) {
            throw new UncheckedIOException("--block-fd: cannot read descriptor " + number, e);
        }
    }

    /// Says which process it is, unless that has ended since.
    void started(long pid) throws IOException {
        if (pid < 0) {
            return;
        }
        write(info, "{\n    \"child-pid\": " + pid + "\n}\n");
        write(status, "{ \"child-pid\": " + pid + " }\n");
    }

    void ended(int exitStatus) throws IOException {
        write(status, "{ \"exit-code\": " + exitStatus + " }\n");
    }

    private static void write(List<OutputStream> streams, String text) throws IOException {
        for (OutputStream stream : streams) {
            stream.write(text.getBytes(StandardCharsets.UTF_8));
            stream.flush();
        }
    }

    @Override
    public void close() throws IOException {
        for (OutputStream stream : info) {
            stream.close();
        }
        for (OutputStream stream : status) {
            stream.close();
        }
    }
}
