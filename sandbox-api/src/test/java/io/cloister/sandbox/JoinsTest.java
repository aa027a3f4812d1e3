package io.cloister.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.ProcFilesystem;
import io.cloister.sandbox.spi.Joined;
import io.cloister.sandbox.spi.SandboxBackend;
import io.cloister.sandbox.spi.SandboxProvider;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallHandlers;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// What goes together with a session that is joined.
class JoinsTest {

    private final FakeProvider provider = new FakeProvider("fake", true);
    private final SandboxSession session = Sandbox.builder().build(provider).open();

    private Sandbox.Builder builder() {
        return Sandbox.builder();
    }

    private void refused(UnaryOperator<Sandbox.Builder> change, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> change.apply(builder()).spec())
                .withMessageStartingWith(message);
    }

    @Test
    void whatIsJoinedExcludesTheHosts() {
        refused(b -> b.joinNet(session).hostNet(), "joinNet(...) excludes hostNet()");
        refused(b -> b.hostNet().joinNet(session), "joinNet(...) excludes hostNet()");
        refused(b -> b.joinPid(session).hostPid(), "joinPid(...) excludes hostPid()");
        refused(b -> b.joinIpc(session).hostIpc(), "joinIpc(...) excludes hostIpc()");
        refused(b -> b.joinUts(session).hostUts(), "joinUts(...) excludes hostUts()");
        refused(b -> b.joinNet(session).hostUser(), "joinNet(...) excludes hostUser()");
        refused(b -> b.joinNet(session).hostMount(), "joinNet(...) excludes hostMount()");
        refused(b -> b.joinNet(session).confined(), "joinNet(...) excludes confined()");
        refused(
                b -> b.joinNet(session).confinedIfNeeded(),
                "joinNet(...) excludes confinedIfNeeded()");
    }

    @Test
    void otherNamespacesMayBeTheHosts() {
        assertThat(builder().joinIpc(session).hostNet().spec().newNamespaces())
                .contains(Namespace.IPC)
                .doesNotContain(Namespace.NET);
    }

    @Test
    void namesOfASessionAreNotSet() {
        refused(b -> b.joinUts(session).hostName("a"), "joinUts(...) excludes hostName(...)");
        refused(b -> b.joinUts(session).domainName("a"), "joinUts(...) excludes domainName(...)");
        assertThat(builder().joinNet(session).hostName("a").spec().hostName()).contains("a");
    }

    @Test
    void processesAreSeenInAWholeProc() {
        UnaryOperator<Sandbox.Builder> limited =
                b -> b.proc(ProcFilesystem.standard().view(ProcFilesystem.View.PROCESSES_ONLY));
        refused(b -> limited.apply(b.joinPid(session)), "joinPid(...) excludes proc(");
        assertThat(limited.apply(builder().joinNet(session)).spec()).isNotNull();
    }

    @Test
    void aSandboxJoinsOneSession() {
        SandboxSession other = builder().build(provider).open();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().joinNet(session).joinIpc(other))
                .withMessage(
                        "joinNet(...) and joinIpc(...) were given different sessions; a sandbox"
                                + " joins one, so give both the same");
        assertThat(builder().joinNet(session).joinNet(other).joinIpc(other).spec()).isNotNull();
    }

    @Test
    void tracingNeedsProcesses() {
        refused(b -> b.mayTrace(), "mayTrace() needs joinPid(...)");
        refused(b -> b.joinNet(session).mayTrace(), "mayTrace() needs joinPid(...)");
        refused(
                b -> b.joinPid(session).mayTrace().user(7, 7),
                "mayTrace() excludes user(...), groups(...)");
        refused(
                b ->
                        b.joinPid(session)
                                .mayTrace()
                                .clockOffset(SandboxClock.BOOTTIME, Duration.ofSeconds(1)),
                "mayTrace() excludes clockOffset(...)");
        refused(
                b -> b.joinPid(session).mayTrace().denyTcpBind(),
                "mayTrace() excludes allowTcpBind(...)");
    }

    @Test
    void tracingOpensItsCallsInAnyProfile() {
        SandboxSpec closed = builder().joinPid(session).syscalls(SyscallPolicy.judge()).spec();
        assertThat(closed.syscalls().decide(Syscall.PTRACE))
                .isNotInstanceOf(SyscallAction.Allow.class);
        assertThat(closed.privileges().capabilities()).isEmpty();
        for (SyscallPolicy calls : List.of(SyscallPolicy.standard(), SyscallPolicy.judge())) {
            SandboxSpec open = builder().joinPid(session).mayTrace().syscalls(calls).spec();
            for (Syscall call : List.of(Syscall.PTRACE, Syscall.PROCESS_VM_READV)) {
                assertThat(open.syscalls().decide(call)).isInstanceOf(SyscallAction.Allow.class);
            }
            assertThat(open.syscalls().decide(Syscall.SETNS))
                    .isNotInstanceOf(SyscallAction.Allow.class);
            assertThat(open.privileges().capabilities()).containsExactly(Capability.SYS_PTRACE);
        }
    }

    @Test
    void inThePolicyWhatIsJoinedIsNew() {
        SandboxSpec spec = builder().joinNet(session).joinPid(session).spec();
        assertThat(spec).isEqualTo(builder().spec());
        assertThat(SandboxSpec.fromJson(spec.toJson())).isEqualTo(spec);
    }

    @Test
    void newTakesAJoinBack() {
        Recording recording = new Recording(provider);
        builder().joinNet(session).joinIpc(session).newNet().build(recording);
        assertThat(recording.joined.orElseThrow().namespaces()).isEqualTo(Set.of(Namespace.IPC));
        recording.joined = Optional.empty();
        builder().joinNet(session).newNet().build(recording);
        assertThat(recording.joined).isEmpty();
    }

    @Test
    void theProviderIsToldAndADerivedSandboxKeepsIt() {
        Recording recording = new Recording(provider);
        Sandbox sandbox = builder().joinPid(session).mayTrace().build(recording);
        Joined joined = new Joined(provider.sessions.getFirst(), Set.of(Namespace.PID), true);
        assertThat(recording.joined).contains(joined);
        recording.joined = Optional.empty();
        Sandbox.Builder derived = sandbox.toBuilder();
        derived.joinNet(session).build(recording);
        assertThat(recording.joined.orElseThrow().namespaces())
                .isEqualTo(Set.of(Namespace.PID, Namespace.NET));
        // The sandbox itself has not changed.
        sandbox.toBuilder().build(recording);
        assertThat(recording.joined).contains(joined);
    }

    @Test
    void aProviderThatCannotRefuses() {
        assertThatExceptionOfType(SandboxUnavailableException.class)
                .isThrownBy(() -> builder().joinNet(session).build(provider))
                .withMessageContaining("fake lets no sandbox join another");
    }

    @Test
    void aSessionThatHasEndedIsRefusedWhenTheSandboxIsBuilt() {
        Recording recording = new Recording(provider);
        Sandbox built = builder().joinNet(session).joinIpc(session).build(recording);
        assertThat(recording.joined).isPresent();
        session.close();
        recording.joined = Optional.empty();
        for (Sandbox.Builder late :
                List.of(builder().joinNet(session).joinIpc(session), built.toBuilder())) {
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> late.build(recording))
                    .withMessageStartingWith("the session that was given to joinNet(...) and")
                    .withMessageContaining("joinIpc(...) has ended");
        }
        assertThat(recording.joined).isEmpty();
        builder().joinNet(session).newNet().build(recording);
    }

    @Test
    void aLeaseIsNotJoined() throws Exception {
        try (Sandbox sandbox = builder().build(provider);
                SandboxPool pool = SandboxPool.of(sandbox).build();
                SandboxPool.Lease lease = pool.lease()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder().joinNet(lease.session()))
                    .withMessageStartingWith("joinNet(...) was given the session of a lease")
                    .withMessageEndingWith("Sandbox.open()");
        }
    }

    @Test
    void aMemberOfAPodIsToldOfThePod() {
        SandboxSession other = builder().build(provider).open();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().hostNet().joinPod(session).spec())
                .withMessageStartingWith("Pod.sandbox(...), which joins the net namespace")
                .withMessageContaining("excludes hostNet()");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().joinPid(other).joinPod(session))
                .withMessageStartingWith("joinPid(...): a member of a pod");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().joinPod(session).joinPid(other))
                .withMessageStartingWith("joinPid(...): a member of a pod");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().joinPod(other).joinPod(session))
                .withMessageContaining("belongs to another pod; use a new one");
        assertThat(builder().joinPod(session).joinPod(session).spec()).isEqualTo(builder().spec());
        assertThat(builder().joinPod(session).spec()).isEqualTo(builder().spec());
        session.close();
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> builder().joinPod(session).build(new Recording(provider)))
                .withMessageStartingWith("the pod that this sandbox is a member of has ended");
    }

    /// Remembers what it was told.
    private static final class Recording implements SandboxProvider {
        private final FakeProvider provider;
        private Optional<Joined> joined = Optional.empty();

        Recording(FakeProvider provider) {
            this.provider = provider;
        }

        @Override
        public String name() {
            return provider.name();
        }

        @Override
        public boolean isSupported() {
            return true;
        }

        @Override
        public HostReport probe() {
            return provider.probe();
        }

        @Override
        public SandboxBackend open(SandboxSpec spec, SyscallHandlers handlers) {
            return provider.open(spec, handlers);
        }

        @Override
        public SandboxBackend open(SandboxSpec spec, SyscallHandlers handlers, Joined joined) {
            this.joined = Optional.of(joined);
            return provider.open(spec, handlers);
        }
    }
}
