package io.cloister.sandbox.linux.cgroup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Optional;
import java.util.OptionalInt;

/// The host that this JVM runs on.
final class RunningCgroupView implements CgroupView {

    @Override
    public Optional<String> text(String path) {
        try {
            return Optional.of(Files.readString(Path.of(path), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            // Nothing to be read is an answer: it may not exist, or not be for us.
            return Optional.empty();
        }
    }

    @Override
    public boolean exists(String path) {
        return Files.exists(Path.of(path));
    }

    @Override
    public String property(String name) {
        return System.getProperty(name, "");
    }

    @Override
    public boolean isWritable(String path) {
        return Files.isWritable(Path.of(path));
    }

    @Override
    public OptionalInt owner(String path) {
        try {
            return OptionalInt.of((Integer) Files.getAttribute(Path.of(path), "unix:uid"));
        } catch (IOException e) {
            // It does not exist, or no longer.
            return OptionalInt.empty();
        }
    }

    @Override
    public Optional<String> attribute(String path, String name) {
        UserDefinedFileAttributeView view =
                Files.getFileAttributeView(Path.of(path), UserDefinedFileAttributeView.class);
        try {
            if (view == null || !view.list().contains(name)) {
                return Optional.empty();
            }
            ByteBuffer value = ByteBuffer.allocate(view.size(name));
            view.read(name, value);
            return Optional.of(StandardCharsets.UTF_8.decode(value.flip()).toString());
        } catch (IOException e) {
            // Attributes of control groups exist since Linux 5.7.
            return Optional.empty();
        }
    }
}
