package io.cloister.sandbox.learn;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallHandling;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Runs programs under a policy, and learns how much of it they need.
///
/// Each system call is answered by the JVM as the policy says, and written down; so a program runs
/// slower while it is watched, by some ten microseconds a call. What is learned is what was seen:
/// run everything that the program is to do, and put the runs together by [Learned#and(Learned)].
/// Thread-safe.
public final class Learning {

    private static final SyscallHandling PATIENT =
            new SyscallHandling(Duration.ofSeconds(30), Errno.EPERM, 64);

    private final SandboxSpec spec;

    private Learning(SandboxSpec spec) {
        this.spec = spec;
    }

    /// {@return what runs programs under a policy, and watches them}
    ///
    /// @param spec the policy, which must not ask handlers itself
    public static Learning of(SandboxSpec spec) {
        return new Learning(spec);
    }

    /// Runs a command, and watches it.
    ///
    /// @param command the command; its streams as for [Sandbox#run(Command)]
    /// @return what was seen
    /// @throws InterruptedException if the thread is interrupted; the whole tree is dead then
    /// @throws IllegalArgumentException if the policy asks handlers itself
    /// @throws io.cloister.sandbox.SandboxException if the command did not run, for example since
    ///   the kernel has no notifications
    public Learned learn(Command command) throws InterruptedException {
        Recorder recorder = new Recorder(spec.syscalls());
        if (spec.syscalls().has(SyscallAction.NOTIFY)) {
            throw new IllegalArgumentException(
                    "the policy must not ask handlers about system calls, was " + spec.syscalls());
        }
        Sandbox.Builder builder =
                spec.toBuilder()
                        .syscalls(recorder.asking())
                        .onOtherSyscalls(recorder)
                        .syscallHandling(PATIENT);
        try (Sandbox sandbox = builder.build()) {
            SandboxResult result = sandbox.run(command);
            Map<SeenCall, Long> calls =
                    recorder.calls().entrySet().stream()
                            .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().sum()));
            return new Learned(
                    spec,
                    result,
                    calls,
                    files(command, recorder),
                    new TreeSet<>(recorder.sockets()),
                    new Learned.Ports(recorder.boundPorts(), recorder.connectedPorts()));
        }
    }

    /// A program that was named by its path is needed at that path, which may be a link or a
    /// script.
    private Map<String, FileAccess> files(Command command, Recorder recorder) {
        Map<String, FileAccess> files = new TreeMap<>(recorder.files());
        if (command.program().contains("/")) {
            String from = command.workDirectory().orElse(spec.workDirectory());
            files.putIfAbsent(
                    Path.of(from).resolve(command.program()).normalize().toString(),
                    FileAccess.EXECUTE);
        }
        command.workDirectory().ifPresent(place -> files.putIfAbsent(place, FileAccess.LOOK));
        return files;
    }
}
