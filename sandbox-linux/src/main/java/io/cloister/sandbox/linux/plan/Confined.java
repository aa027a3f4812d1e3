package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.linux.landlock.ConfinedFilter;
import io.cloister.sandbox.policy.FilesystemPolicy;
import io.cloister.sandbox.policy.Identity;
import io.cloister.sandbox.policy.Isolation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a policy becomes in the *confined* tier: the same without namespaces, and with what stands
/// in for them.
public final class Confined {

    /// Where a sandbox with a tree of its own has files in memory; `/var/tmp` is a link there.
    private static final List<String> IN_MEMORY = List.of("/tmp", "/dev/shm", "/var/tmp");

    /// What a listing shows for the private directory, which is made with the launch.
    public static final String SHOWN = "/<private directory>";

    private Confined() {}

    /// The policy by which the launch is planned.
    ///
    /// @param ownUser whether the command is the JVM's own user
    public static SandboxSpec onHost(SandboxSpec spec, boolean ownUser) {
        return new SandboxSpec(
                Set.of(),
                FilesystemPolicy.standard(),
                Identity.standard(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                spec.umask(),
                spec.environment(),
                spec.workDirectory(),
                spec.limits(),
                ConfinedFilter.close(spec.syscalls(), ownUser),
                spec.privileges(),
                spec.network(),
                Isolation.NAMESPACES);
    }

    /// `execution` with the private directory in the place of those in memory: as `TMPDIR`, and in
    /// `HOME` and the work directory where these lead there.
    public static Execution inside(Execution execution, String scratch) {
        List<String> environment = new ArrayList<>();
        boolean temporary = false;
        for (String variable : execution.environment()) {
            int end = variable.indexOf('=');
            String name = variable.substring(0, end);
            if (name.equals("HOME") || name.equals("TMPDIR")) {
                String value = moved(variable.substring(end + 1), scratch);
                environment.add(name + "=" + value);
                temporary |= name.equals("TMPDIR");
            } else {
                environment.add(variable);
            }
        }
        if (!temporary) {
            environment.add("TMPDIR=" + scratch);
        }
        return new Execution(
                execution.program(),
                execution.candidates(),
                execution.arguments(),
                environment,
                moved(execution.workDirectory(), scratch),
                execution.descriptors());
    }

    private static String moved(String path, String scratch) {
        for (String place : IN_MEMORY) {
            if (path.equals(place) || path.startsWith(place + "/")) {
                return scratch + path.substring(place.length());
            }
        }
        return path;
    }

    /// What holds, of which `onHost` says what the launch itself does.
    ///
    /// @param ownUser whether the command is the JVM's own user
    /// @param why why there are no namespaces; empty if they were not asked for
    static List<Enforcement> enforced(List<Enforcement> onHost, boolean ownUser, String why) {
        List<Enforcement> list = new ArrayList<>(onHost);
        String reason = why.isEmpty() ? "" : "; no namespaces: " + why;
        list.replaceAll(e ->
                e.item().equals(Enforced.ISOLATION)
                        ? new Enforcement(
                                Enforced.ISOLATION,
                                Isolation.CONFINED.label(),
                                "landlock, seccomp" + reason)
                        : e);
        for (Namespace namespace : Namespace.values()) {
            list.replaceAll(
                    e -> e.item().equals(namespace.label()) ? standIn(namespace, ownUser) : e);
        }
        list.add(Enforcement.notHeld("scratch", "private directory", "no limit of its size"));
        return list;
    }

    private static Enforcement standIn(Namespace namespace, boolean ownUser) {
        String item = namespace.label();
        String host = "host";
        return switch (namespace) {
            case MOUNT -> new Enforcement(item, host, "landlock: listed paths only");
            case PID ->
                    new Enforcement(
                            item, host, "landlock: no signals, no traces, no /proc of others");
            case NET -> new Enforcement(item, host, "seccomp: no sockets");
            case IPC -> new Enforcement(item, host, "seccomp: no IPC objects");
            case USER ->
                    new Enforcement(
                            item,
                            host,
                            ownUser
                                    ? "the JVM's user; seccomp: no changes of owners, modes,"
                                            + " attributes"
                                    : "a host user of its own");
            case UTS, CGROUP, TIME -> Enforcement.notHeld(item, host, "not isolated: readable");
        };
    }
}
