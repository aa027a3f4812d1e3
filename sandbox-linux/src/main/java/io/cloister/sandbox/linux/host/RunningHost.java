package io.cloister.sandbox.linux.host;

import io.cloister.sandbox.linux.cgroup.CgroupView;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.landlock.LandlockSupport;
import io.cloister.sandbox.linux.plan.ProcessControls;

import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/// The host that this JVM runs on.
final class RunningHost implements HostView {

    private static final int BUFFER_SIZE = 64 * 1024;

    private final CgroupView groups = CgroupView.running();

    @Override
    public Optional<String> text(String path) {
        try (InputStream file = new FileInputStream(path)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            // A sysctl gives its value to the first read(2) alone, whose buffer must hold it all;
            // Files.readString begins with one byte where the size is unknown.
            byte[] buffer = new byte[BUFFER_SIZE];
            for (int n = file.read(buffer); n >= 0; n = file.read(buffer)) {
                bytes.write(buffer, 0, n);
            }
            // Leniently: names of mount points may be in any encoding.
            return Optional.of(bytes.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // Absent, or closed to this process: a finding of the report, told by exists().
            return Optional.empty();
        }
    }

    @Override
    public boolean exists(String path) {
        return Files.exists(Path.of(path), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public String property(String name) {
        return System.getProperty(name, "");
    }

    @Override
    public Optional<String> program(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        for (String directory : path.split(":")) {
            if (directory.startsWith("/") && Files.isExecutable(Path.of(directory, name))) {
                return Optional.of(directory + "/" + name);
            }
        }
        return Optional.empty();
    }

    @Override
    public ProcessControls controls() {
        return ControlProbe.probe(Account.of(this).mayLock());
    }

    @Override
    public LandlockSupport landlock() {
        try {
            return HostInspector.landlock(Kernel.landlockVersion());
        } catch (LinkageError | IllegalCallerException e) {
            // The report has a finding of its own for native access.
            return LandlockSupport.missing("the kernel could not be asked");
        }
    }

    @Override
    public boolean isWritable(String path) {
        return groups.isWritable(path);
    }

    @Override
    public OptionalInt owner(String path) {
        return groups.owner(path);
    }

    @Override
    public Optional<String> attribute(String path, String name) {
        return groups.attribute(path, name);
    }
}
