package io.cloister.sandbox.linux;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.HostTerminal;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.linux.cgroup.CgroupHost;
import io.cloister.sandbox.linux.host.HostInspector;
import io.cloister.sandbox.linux.host.HostProbe;
import io.cloister.sandbox.linux.launch.Launcher;
import io.cloister.sandbox.linux.launch.LinuxBackend;
import io.cloister.sandbox.linux.terminal.StandardTerminal;
import io.cloister.sandbox.spi.Joined;
import io.cloister.sandbox.spi.Plumbing;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.spi.SandboxProvider;
import io.cloister.sandbox.syscall.SyscallHandlers;

import java.util.List;
import java.util.Optional;

/// Sandboxes of Linux. Found through [java.util.ServiceLoader]; not to be used directly.
public final class LinuxSandboxProvider implements SandboxProvider {

    /// One launcher serves the whole JVM; it starts with the first sandbox.
    private static Optional<Launcher> launcher = Optional.empty();

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
    public Optional<HostTerminal> hostTerminal() {
        try {
            return StandardTerminal.find();
        } catch (LinkageError | IllegalCallerException e) {
            throw unavailable(e);
        }
    }

    @Override
    public SandboxBackend open(SandboxSpec spec, SyscallHandlers handlers) {
        return new LinuxBackend(launcher(), spec, handlers);
    }

    @Override
    public SandboxBackend open(SandboxSpec spec, SyscallHandlers handlers, Joined joined) {
        return new LinuxBackend(launcher(), spec, handlers, joined);
    }

    @Override
    public Plumbing plumb(
            List<String> stages,
            List<Plumbing.Edge> edges,
            Plumbing.Observer observer,
            boolean standstills) {
        return LinuxBackend.plumb(launcher(), stages, edges, observer, standstills);
    }

    private static synchronized Launcher launcher() {
        if (launcher.isEmpty()) {
            try {
                CgroupHost cgroups = CgroupHost.detect();
                launcher = Optional.of(new Launcher(HostInspector.inspect(cgroups), cgroups));
            } catch (LinkageError | IllegalCallerException e) {
                // A refused restricted method surfaces from a static initialiser.
                throw unavailable(e);
            }
        }
        return launcher.get();
    }

    private static SandboxUnavailableException unavailable(Throwable problem) {
        Throwable cause = problem.getCause() == null ? problem : problem.getCause();
        Module module = LinuxSandboxProvider.class.getModule();
        String flag =
                "--enable-native-access=" + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
        SandboxUnavailableException unavailable =
                module.isNativeAccessEnabled()
                        ? new SandboxUnavailableException(
                                "the kernel cannot be called: " + cause.getMessage(),
                                "native calls",
                                "use Linux on x86-64 or aarch64 with glibc or musl")
                        : new SandboxUnavailableException(
                                "the JVM forbids native calls",
                                "native access",
                                "start it with " + flag);
        unavailable.initCause(problem);
        return unavailable;
    }
}
