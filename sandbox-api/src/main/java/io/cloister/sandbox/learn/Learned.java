package io.cloister.sandbox.learn;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.NetworkPolicy;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What was seen of a program, and the least policy under which it does the same again. Immutable.
///
/// @param base the policy under which it ran
/// @param result how its latest run ended
/// @param calls its system calls, and how often each was made
/// @param files the paths that it named, as it wrote them, made absolute where that could be told;
///   and the most that it did with each. What calls refused by the policy named is not among them,
///   nor are paths beyond the first 10000 of a run
/// @param sockets the addresses that it bound or connected to, such as `connect 127.0.0.1:80`; of a
///   run the first 1000
/// @param ports the ports among them
public record Learned(
        SandboxSpec base,
        SandboxResult result,
        Map<SeenCall, Long> calls,
        Map<String, FileAccess> files,
        Set<String> sockets,
        Ports ports) {

    /// As many different arguments of one call are listed; a call with more is open for all.
    static final int MOST_VARIANTS = 24;

    /// Calls that the kernel or the C library makes for a program whenever it pleases.
    private static final List<Syscall> ALWAYS =
            List.of(
                    Syscall.RESTART_SYSCALL,
                    Syscall.RT_SIGRETURN,
                    Syscall.EXIT,
                    Syscall.EXIT_GROUP);

    /// Ports of IP, of TCP or not, that a program tried to use.
    ///
    /// @param bound those that it bound
    /// @param connected those that it connected to
    public record Ports(Set<Integer> bound, Set<Integer> connected) {
        /// Copies.
        public Ports {
            bound = Collections.unmodifiableSet(new TreeSet<>(bound));
            connected = Collections.unmodifiableSet(new TreeSet<>(connected));
        }
    }

    /// Copies.
    public Learned {
        calls = Map.copyOf(calls);
        files = Collections.unmodifiableMap(new TreeMap<>(files));
        sockets = Collections.unmodifiableSet(new TreeSet<>(sockets));
    }

    /// {@return what was seen in both runs}
    ///
    /// @param other a run under the same policy
    /// @throws IllegalArgumentException if it was under another one
    public Learned and(Learned other) {
        if (!base.equals(other.base)) {
            throw new IllegalArgumentException("both runs must be under the same policy");
        }
        Map<SeenCall, Long> allCalls = new HashMap<>(calls);
        other.calls.forEach((call, count) -> allCalls.merge(call, count, Long::sum));
        Map<String, FileAccess> allFiles = new HashMap<>(files);
        other.files.forEach((file, access) ->
                allFiles.merge(file, access, (a, b) -> a.compareTo(b) >= 0 ? a : b));
        Set<String> allSockets = new HashSet<>(sockets);
        allSockets.addAll(other.sockets);
        Set<Integer> bound = new HashSet<>(ports.bound);
        bound.addAll(other.ports.bound);
        Set<Integer> connected = new HashSet<>(ports.connected);
        connected.addAll(other.ports.connected);
        return new Learned(
                base, other.result, allCalls, allFiles, allSockets, new Ports(bound, connected));
    }

    /// {@return the system calls that were seen: those that were made are open, with the arguments
    /// that matter; those that were refused are refused alike; any other ends the run}
    public SyscallPolicy syscalls() {
        Map<Syscall, List<SyscallRule>> byCall =
                new TreeMap<>(Comparator.comparing(Syscall::label));
        for (SeenCall seen : calls.keySet()) {
            byCall.computeIfAbsent(seen.call(), _ -> new ArrayList<>()).add(seen.rule());
        }
        for (Syscall call : ALWAYS) {
            byCall.computeIfAbsent(call, base.syscalls()::of);
        }
        // Those that are simply open come first, where they read as one list.
        List<SyscallRule> rules = new ArrayList<>();
        List<SyscallRule> others = new ArrayList<>();
        byCall.forEach((call, variants) -> {
            List<SyscallRule> ofCall = narrowed(call, variants);
            (isOpen(ofCall) ? rules : others).addAll(ofCall);
        });
        rules.addAll(others);
        SyscallAction unknown =
                base.syscalls().unknown() instanceof SyscallAction.Allow
                        ? SyscallAction.fail(Errno.ENOSYS)
                        : base.syscalls().unknown();
        return SyscallPolicy.of(SyscallAction.KILL)
                .first(rules)
                .unknown(unknown)
                .flags(base.syscalls().flags());
    }

    private static boolean isOpen(List<SyscallRule> rules) {
        SyscallRule first = rules.getFirst();
        return first.tests().isEmpty() && first.action() instanceof SyscallAction.Allow;
    }

    /// Too many variants say that the argument is no choice of the program's. And where the policy
    /// decides by arguments that were not recorded, only the policy itself is no wider than it was.
    private List<SyscallRule> narrowed(Syscall call, List<SyscallRule> variants) {
        List<SyscallRule> before = base.syscalls().of(call);
        if (variants.size() > MOST_VARIANTS || !areRecorded(call, before)) {
            return before;
        }
        return variants.stream()
                .sorted(Comparator.comparing(rule -> rule.tests().toString()))
                .toList();
    }

    private static boolean areRecorded(Syscall call, List<SyscallRule> rules) {
        return rules.stream()
                .flatMap(rule -> rule.tests().stream())
                .allMatch(test ->
                        ArgumentOfInterest.of(call).stream()
                                .anyMatch(argument -> argument.covers(test)));
    }

    /// {@return the least policy: the system calls that were seen, the binds that were touched,
    /// each writable only if it was written to, and on the host's network the ports that were used}
    public SandboxSpec policy() {
        boolean hostNetwork = !base.newNamespaces().contains(Namespace.NET);
        NetworkPolicy network =
                hostNetwork
                        ? new NetworkPolicy(
                                Optional.of(both(base.network().tcpBind(), ports.bound)),
                                Optional.of(both(base.network().tcpConnect(), ports.connected)))
                        : base.network();
        return new SandboxSpec(
                base.newNamespaces(),
                TouchedFiles.only(base, files),
                base.identity(),
                base.hostName(),
                base.domainName(),
                base.clockOffsets(),
                base.umask(),
                base.environment(),
                base.workDirectory(),
                base.limits(),
                syscalls(),
                base.privileges(),
                network,
                base.isolation());
    }

    private static Set<Integer> both(Optional<Set<Integer>> allowed, Set<Integer> used) {
        Set<Integer> ports = new HashSet<>(used);
        allowed.ifPresent(ports::retainAll);
        return ports;
    }

    /// {@return Java that makes [#syscalls()]: one expression}
    public String javaSource() {
        return PolicySource.of(syscalls());
    }

    /// {@return the source of a JUnit test that the program still fits the policy in a file: that
    /// it ends as it did}
    ///
    /// @param className the name of the class
    /// @param policy the file, as the test is to find it
    /// @param command what was run
    public String testSource(String className, Path policy, Command command) {
        return PolicySource.test(className, policy, command, result.outcome());
    }
}
