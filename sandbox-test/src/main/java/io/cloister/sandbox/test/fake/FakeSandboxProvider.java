package io.cloister.sandbox.test.fake;

import io.cloister.sandbox.HostReport;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.spi.Joined;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.spi.SandboxProvider;
import io.cloister.sandbox.syscall.SyscallHandlers;

/// The provider of a fake. It has no public constructor, so it can be no service.
final class FakeSandboxProvider implements SandboxProvider {
    private final FakeSandbox fake;

    FakeSandboxProvider(FakeSandbox fake) {
        this.fake = fake;
    }

    @Override
    public String name() {
        return "fake, which enforces nothing";
    }

    @Override
    public boolean isSupported() {
        return true;
    }

    @Override
    public HostReport probe() {
        return fake.report();
    }

    @Override
    public SandboxBackend open(SandboxSpec spec, SyscallHandlers handlers) {
        return open(spec, false);
    }

    private SandboxBackend open(SandboxSpec spec, boolean joinsProcesses) {
        fake.opened(spec);
        return new FakeBackend(fake, spec, joinsProcesses);
    }

    @Override
    public SandboxBackend open(SandboxSpec spec, SyscallHandlers handlers, Joined joined) {
        if (!(joined.session() instanceof FakeSession)) {
            throw new IllegalArgumentException(
                    "a fake sandbox can join a session of a fake alone, was of "
                            + joined.session().getClass().getName());
        }
        return open(spec, joined.namespaces().contains(Namespace.PID));
    }
}
