package io.cloister.sandbox.learn;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallAnswer;
import io.cloister.sandbox.syscall.SyscallHandler;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRequest;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/// Answers every call of a program as a policy says, and writes down what it was. Thread-safe.
final class Recorder implements SyscallHandler {

    /// A program may name paths and addresses without end, and what is written down stays in
    /// memory.
    static final int MOST_FILES = 10_000;

    static final int MOST_SOCKETS = 1000;

    private final SyscallPolicy base;
    private final ProcessLinks links = new ProcessLinks();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final Map<SeenCall, LongAdder> calls = new ConcurrentHashMap<>();
    private final Map<Syscall, LongAdder> variants = new ConcurrentHashMap<>();
    private final Map<String, FileAccess> files = new ConcurrentHashMap<>();
    private final Set<String> sockets = ConcurrentHashMap.newKeySet();
    private final Set<Integer> boundPorts = ConcurrentHashMap.newKeySet();
    private final Set<Integer> connectedPorts = ConcurrentHashMap.newKeySet();

    Recorder(SyscallPolicy base) {
        this.base = base;
    }

    /// The policy under which a program is watched: the JVM is asked about every call that `base`
    /// would make or fail; what it kills, it kills.
    SyscallPolicy asking() {
        List<SyscallRule> rules = new ArrayList<>();
        for (SyscallRule rule : base.rules()) {
            rules.add(new SyscallRule(rule.call(), rule.tests(), asking(rule.action()), ""));
        }
        return new SyscallPolicy(asking(base.otherwise()), base.unknown(), rules, base.flags());
    }

    private static SyscallAction asking(SyscallAction action) {
        return switch (action) {
            case SyscallAction.Allow _, SyscallAction.Log _ -> SyscallAction.NOTIFY;
            // An error without a name is left to the kernel.
            case SyscallAction.Fail(int errno) ->
                    Errno.numbered(errno).isPresent() ? SyscallAction.NOTIFY : action;
            case SyscallAction.Kill _, SyscallAction.Trap _, SyscallAction.Notify _ -> action;
        };
    }

    @Override
    public SyscallAnswer answer(SyscallRequest request) {
        Syscall call = request.call();
        SyscallAction action = base.decide(call, registers(request));
        List<ArgumentTest> tests =
                ArgumentOfInterest.of(call).stream()
                        .map(argument -> argument.is(request.argument(argument.index())))
                        .toList();
        count(new SeenCall(call, tests, action));
        if (action instanceof SyscallAction.Fail(int errno)) {
            return SyscallAnswer.fail(Errno.numbered(errno).orElseThrow());
        }
        if (begun.compareAndSet(false, true)) {
            // The sandbox executes the program, and asks nobody.
            links.program(request.thread()).ifPresent(path -> note(path, FileAccess.EXECUTE));
        }
        lookAtPaths(request);
        lookAtDescriptor(request);
        lookAtAddress(request);
        return SyscallAnswer.allow();
    }

    /// Of a call that has too many variants for each to be listed, further ones are counted as one.
    private void count(SeenCall seen) {
        LongAdder known = calls.get(seen);
        if (known != null) {
            known.increment();
            return;
        }
        LongAdder variantsOfCall = variants.computeIfAbsent(seen.call(), _ -> new LongAdder());
        boolean listed = variantsOfCall.sum() <= Learned.MOST_VARIANTS;
        if (listed) {
            variantsOfCall.increment();
        }
        SeenCall counted = listed ? seen : new SeenCall(seen.call(), List.of(), seen.action());
        calls.computeIfAbsent(counted, _ -> new LongAdder()).increment();
    }

    private void note(String path, FileAccess access) {
        if (files.size() < MOST_FILES || files.containsKey(path)) {
            files.merge(path, access, Recorder::more);
        }
    }

    /// What is written about a file through a descriptor that was opened to read it.
    private void lookAtDescriptor(SyscallRequest request) {
        boolean writes =
                switch (request.call()) {
                    case FCHMOD, FCHOWN, FSETXATTR, FREMOVEXATTR, FTRUNCATE, FALLOCATE -> true;
                    case UTIMENSAT -> request.argument(1) == 0;
                    default -> false;
                };
        if (writes) {
            links.descriptor(request.thread(), request.intArgument(0))
                    .ifPresent(path -> note(path, FileAccess.WRITE));
        }
    }

    private static long[] registers(SyscallRequest request) {
        long[] registers = new long[6];
        for (int i = 0; i < registers.length; i++) {
            registers[i] = request.argument(i);
        }
        return registers;
    }

    private void lookAtPaths(SyscallRequest request) {
        for (PathArgument argument : PathArgument.of(request.call())) {
            FileAccess access = argument.access(request);
            argument.path(request, links).ifPresent(path -> note(path, access));
        }
    }

    private static FileAccess more(FileAccess one, FileAccess other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private void lookAtAddress(SyscallRequest request) {
        boolean binds = request.call() == Syscall.BIND;
        if (!binds && request.call() != Syscall.CONNECT) {
            return;
        }
        request.socketAddress(1, 2)
                .ifPresent(it -> {
                    if (sockets.size() < MOST_SOCKETS) {
                        sockets.add((binds ? "bind " : "connect ") + it.text());
                    }
                    it.path()
                            .map(path ->
                                    links.absolute(request.thread(), OptionalInt.empty(), path))
                            .ifPresent(
                                    path -> note(path, binds ? FileAccess.WRITE : FileAccess.READ));
                    OptionalInt port = it.port();
                    port.ifPresent((binds ? boundPorts : connectedPorts)::add);
                });
    }

    Map<SeenCall, LongAdder> calls() {
        return calls;
    }

    Map<String, FileAccess> files() {
        return files;
    }

    Set<String> sockets() {
        return sockets;
    }

    Set<Integer> boundPorts() {
        return boundPorts;
    }

    Set<Integer> connectedPorts() {
        return connectedPorts;
    }
}
