package io.cloister.samples.build.surefire;

import io.cloister.sandbox.syscall.SyscallAnswer;
import io.cloister.sandbox.syscall.SyscallHandler;
import io.cloister.sandbox.syscall.SyscallRequest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// Writes down what the tests try. It decides nothing: what it reads of a program's memory may have
/// been changed when the kernel looks.
final class Watch implements SyscallHandler {
    /// A test that tries more than this has been told enough.
    private static final int MOST_ACTS = 200;

    /// How long what a test has written takes, at most, to come through the pipe. The thread that
    /// made the call waits that long, once for each act.
    private static final Duration CATCHING_UP = Duration.ofMillis(50);

    private final Hidden hidden;
    private final Function<Instant, Optional<String>> test;
    private final CompletableFuture<Long> main = new CompletableFuture<>();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final List<Act> acts = Collections.synchronizedList(new ArrayList<>());

    /// Threads that have dialled a name server, and send their question next.
    private final Set<Long> asking = ConcurrentHashMap.newKeySet();

    /// @param hidden which paths are to be told
    /// @param test the class that ran at a time
    Watch(Hidden hidden, Function<Instant, Optional<String>> test) {
        this.hidden = hidden;
        this.test = test;
    }

    /// Says which process is that of the tests, at whose end others are left.
    void main(long pid) {
        main.complete(pid);
    }

    /// What was tried, in order.
    List<Act> acts() {
        synchronized (acts) {
            return List.copyOf(acts);
        }
    }

    @Override
    public SyscallAnswer answer(SyscallRequest request) throws InterruptedException {
        switch (request.call()) {
            case CONNECT -> dialled(request, address(request, 1, 2));
            case SENDTO -> sent(request);
            case EXIT_GROUP -> ends(request);
            default -> looked(Watched.path(request));
        }
        return SyscallAnswer.allow();
    }

    private void looked(Optional<String> path) throws InterruptedException {
        Optional<Path> found = path.flatMap(hidden::look);
        if (found.isPresent()) {
            note(Act.Kind.READ, found.get().toString());
        }
    }

    private void dialled(SyscallRequest request, byte[] bytes) throws InterruptedException {
        looked(SocketAddress.path(bytes));
        Optional<SocketAddress> address = SocketAddress.of(bytes);
        boolean asks = address.isPresent() && address.get().port() == DnsQuestion.PORT;
        if (asks && asking.size() < MOST_ACTS) {
            asking.add(request.thread());
        }
        if (address.isPresent() && !address.get().isInside()) {
            note(Act.Kind.DIAL, address.get().toString());
        }
    }

    private void sent(SyscallRequest request) throws InterruptedException {
        if (request.argument(4) != 0) {
            dialled(request, address(request, 4, 5));
        }
        if (asking.remove(request.thread())) {
            int length = Math.clamp(request.argument(2), 0, DnsQuestion.LONGEST);
            Optional<String> name = request.bytes(1, length).flatMap(DnsQuestion::name);
            if (name.isPresent()) {
                note(Act.Kind.LOOKUP, name.get());
            }
        }
    }

    private void ends(SyscallRequest request) throws InterruptedException {
        long pid = main.join();
        if (!Files.exists(Path.of("/proc/%d/task/%d".formatted(pid, request.thread())))) {
            return;
        }
        try {
            for (ProcessEntry left : ProcessEntry.beside(pid, ProcessEntry.all())) {
                // What began just before it, since the host counts in steps of 10 ms.
                Instant start =
                        left.started().map(it -> it.plus(CATCHING_UP)).orElseGet(Instant::now);
                note(Act.Kind.LEFT, left.command(), start);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] address(SyscallRequest request, int at, int lengthAt) {
        int length = Math.clamp(request.intArgument(lengthAt), 0, SocketAddress.LONGEST);
        return request.bytes(at, length).orElse(new byte[0]);
    }

    private void note(Act.Kind kind, String value) throws InterruptedException {
        note(kind, value, Instant.now().plus(CATCHING_UP));
    }

    private void note(Act.Kind kind, String value, Instant time) throws InterruptedException {
        if (seen.size() < MOST_ACTS && seen.add(kind + value)) {
            Thread.sleep(CATCHING_UP);
            acts.add(new Act(kind, value, test.apply(time).orElse("")));
        }
    }

    /// Adds what ended the run itself.
    void ended(String how) {
        acts.add(new Act(Act.Kind.ENDED, how, test.apply(Instant.now()).orElse("")));
    }
}
