package io.cloister.sandbox.linux;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.linux.host.HostInspector;
import io.cloister.sandbox.linux.host.HostProbe;
import io.cloister.sandbox.linux.launch.Launcher;
import io.cloister.sandbox.linux.launch.LinuxBackend;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.spi.SandboxProvider;

/// Sandboxes of Linux. Found through [java.util.ServiceLoader]; not to be used directly.
public final class LinuxSandboxProvider implements SandboxProvider {

    /// One launcher serves the whole JVM; it starts with the first sandbox.
    private static final class Holder {
        static final Launcher LAUNCHER = new Launcher(HostInspector.inspect());
    }

    /// For the service loader.
    public LinuxSandboxProvider() {}

    @Override
    public String name() {
        return "linux";
    }

    @Override
    public boolean isSupported() {
        return System.getProperty("os.name", "").equals("Linux");
    }

    @Override
    public HostReport probe() {
        return HostProbe.probe(this);
    }

    @Override
    public SandboxBackend open(SandboxSpec spec) {
        return new LinuxBackend(() -> Holder.LAUNCHER, spec);
    }
}
