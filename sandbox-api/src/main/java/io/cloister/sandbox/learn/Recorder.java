package io.cloister.sandbox.learn;

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
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// Answers every call of a program as a policy says, and writes down what it was. Thread-safe.
final class Recorder implements SyscallHandler {

    /// The longest `struct sockaddr`, that of unix(7).
    private static final int LONGEST_ADDRESS = 110;

    private final SyscallPolicy base;
    private final WorkDirectories directories = new WorkDirectories();
    private final Map<SeenCall, LongAdder> calls = new ConcurrentHashMap<>();
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
            case SyscallAction.Allow _, SyscallAction.Log _, SyscallAction.Fail _ ->
                    SyscallAction.NOTIFY;
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
        calls.computeIfAbsent(new SeenCall(call, tests, action), _ -> new LongAdder()).increment();
        if (!(action instanceof SyscallAction.Fail(int errno))) {
            lookAtPaths(request);
            lookAtAddress(request);
            return SyscallAnswer.allow();
        }
        return SyscallAnswer.fail(
                io.cloister.sandbox.Errno.numbered(errno)
                        .orElseThrow(() -> new IllegalStateException("no errno " + errno)));
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
            argument.path(request, directories)
                    .ifPresent(path -> files.merge(path, access, Recorder::more));
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
        int length = Math.clamp(request.intArgument(2), 0, LONGEST_ADDRESS);
        Optional<SocketAddress> address = request.bytes(1, length).flatMap(SocketAddress::of);
        address.ifPresent(it -> {
            sockets.add((binds ? "bind " : "connect ") + it.text());
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
