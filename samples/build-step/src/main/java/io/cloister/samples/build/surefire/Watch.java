package io.cloister.samples.build.surefire;

import io.cloister.sandbox.syscall.SocketAddress;
import io.cloister.sandbox.syscall.SyscallAnswer;
import io.cloister.sandbox.syscall.SyscallHandler;
import io.cloister.sandbox.syscall.SyscallRequest;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Writes down what the tests try. It decides nothing: what it reads of a program's memory may have
/// been changed when the kernel looks. No answer waits for what is found, so that a program cannot
/// measure which files the host has; which class it was is looked up at the end.
final class Watch implements SyscallHandler {
    /// A test that tries more than this of a kind has been told enough.
    private static final int MOST_ACTS = 100;

    /// How long what a test has written takes, at most, to come through the pipe; the host counts
    /// the starts of processes in steps of 10 ms as well.
    private static final Duration LATE = Duration.ofMillis(30);

    /// How long the end of the tests waits, at most, for a look at who is left.
    private static final Duration LOOK = Duration.ofSeconds(1);

    private record Noted(Act.Kind kind, String value, Instant time) {}

    private final Hidden hidden;
    private final EventStream events;
    private final CompletableFuture<Long> main = new CompletableFuture<>();
    private final Set<Act> seen = new HashSet<>();
    private final List<Noted> noted = new ArrayList<>();
    private final Map<Act.Kind, Integer> count = new EnumMap<>(Act.Kind.class);

    /// Threads that have dialled a name server, and send their question next.
    private final Set<Long> asking = ConcurrentHashMap.newKeySet();

    /// @param hidden which paths are to be told
    /// @param events says which class ran at a time
    Watch(Hidden hidden, EventStream events) {
        this.hidden = hidden;
        this.events = events;
    }

    /// Says which process is that of the tests, at whose end others are left.
    void main(long pid) {
        main.complete(pid);
    }

    /// What was tried, in order; of each kind a bounded number, and how much more there was.
    synchronized List<Act> acts() {
        List<Act> acts = new ArrayList<>();
        for (Noted it : noted) {
            acts.add(new Act(it.kind, it.value, events.at(it.time, LATE)));
        }
        count.forEach((kind, all) -> {
            if (all > MOST_ACTS) {
                acts.add(new Act(kind, "and %d times more".formatted(all - MOST_ACTS), ""));
            }
        });
        return acts.stream().distinct().toList();
    }

    @Override
    public SyscallAnswer answer(SyscallRequest request) throws InterruptedException {
        switch (request.call()) {
            case CONNECT -> dialled(request, request.socketAddress(1, 2));
            case SENDTO -> sent(request);
            case EXIT_GROUP -> ends(request);
            default ->
                    looked(
                            Watched.path(request)
                                    .map(it -> ThreadPaths.absolute(request.thread(), it)));
        }
        return SyscallAnswer.allow();
    }

    private void looked(Optional<String> path) {
        path.flatMap(hidden::look).ifPresent(it -> note(Act.Kind.READ, it.toString()));
    }

    private void dialled(SyscallRequest request, Optional<SocketAddress> address) {
        if (address.isEmpty()) {
            return;
        }
        SocketAddress to = address.get();
        looked(
                to.path()
                        .map(path -> new Watched.NamedPath(OptionalInt.empty(), path))
                        .map(path -> ThreadPaths.absolute(request.thread(), path)));
        boolean asks = to.port().orElse(0) == DnsQuestion.PORT;
        if (asks && asking.size() < MOST_ACTS) {
            asking.add(request.thread());
        }
        to.host().filter(host -> !isInside(host)).ifPresent(_ -> note(Act.Kind.DIAL, to.text()));
    }

    /// Whether it lies in the sandbox: its loopback device, or no address at all.
    private static boolean isInside(InetAddress host) {
        return host.isLoopbackAddress() || host.isAnyLocalAddress();
    }

    private void sent(SyscallRequest request) {
        dialled(request, request.socketAddress(4, 5));
        if (asking.remove(request.thread())) {
            int length = Math.clamp(request.argument(2), 0, DnsQuestion.LONGEST);
            request.bytes(1, length)
                    .flatMap(DnsQuestion::name)
                    .ifPresent(it -> note(Act.Kind.LOOKUP, it));
        }
    }

    /// The tests end whatever comes of the look: an answer that fails would kill those that passed.
    private void ends(SyscallRequest request) throws InterruptedException {
        CompletableFuture<Void> look = new CompletableFuture<>();
        long thread = request.thread();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        noteLeft(thread);
                        look.complete(null);
                    } catch (IOException | RuntimeException e) {
                        look.completeExceptionally(e);
                    }
                });
        try {
            look.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            note(Act.Kind.LEFT, "perhaps: the host's list of processes could not be read: " + e);
        }
    }

    private void noteLeft(long thread) throws IOException {
        long pid = main.join();
        if (Files.exists(Path.of("/proc/%d/task/%d".formatted(pid, thread)))) {
            for (ProcessEntry left : ProcessEntry.beside(pid, ProcessEntry.all())) {
                note(Act.Kind.LEFT, left.command(), left.started().orElseGet(Instant::now));
            }
        }
    }

    private void note(Act.Kind kind, String value) {
        note(kind, value, Instant.now());
    }

    private synchronized void note(Act.Kind kind, String value, Instant time) {
        boolean isFull = count.getOrDefault(kind, 0) >= MOST_ACTS;
        if (isFull || seen.add(new Act(kind, value, events.at(time, Duration.ZERO)))) {
            count.merge(kind, 1, Integer::sum);
            if (!isFull) {
                noted.add(new Noted(kind, value, time));
            }
        }
    }

    /// Adds what ended the run itself.
    void ended(String how) {
        note(Act.Kind.ENDED, how);
    }
}
