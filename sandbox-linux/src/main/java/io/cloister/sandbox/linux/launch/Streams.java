package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.F_DUPFD_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.F_SETFL;
import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_NONBLOCK;
import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;
import static io.cloister.sandbox.linux.program.Linux.O_WRONLY;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Input;
import io.cloister.sandbox.Output;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.ByteBudget;
import io.cloister.sandbox.linux.io.Collector;
import io.cloister.sandbox.linux.io.EventLoop;
import io.cloister.sandbox.linux.io.PipeInputStream;
import io.cloister.sandbox.linux.io.PipeOutputStream;
import io.cloister.sandbox.linux.io.Sink;
import io.cloister.sandbox.linux.io.TerminalInput;
import io.cloister.sandbox.linux.terminal.PseudoTerminal;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The standard streams of one command.
///
/// Whatever the caller connects, the program gets a pipe, or /dev/null where nothing is to pass. A
/// descriptor of the host's own file would let a program of the same user open the file again
/// through /proc/self/fd, for writing too; and what goes through a pipe can be counted. On a
/// terminal it gets the one side of a pseudo-terminal, and the other one is connected.
final class Streams {

    private static final int STREAM_BUFFER = 64 * 1024;
    private static final long LARGEST_ARRAY = Integer.MAX_VALUE - 16;

    private final EventLoop loop;
    private final Command command;
    private final Optional<RunTerminal> terminal;
    private final long outputLimit;
    private volatile Runnable outputExceeded = () -> {};
    private final List<Integer> pipes = new ArrayList<>();
    private Set<Long> inodes = Set.of();
    private final List<Integer> childEnds = new ArrayList<>();
    private final List<Pump> pumps = new ArrayList<>();

    /// What to close when the program has ended, so that nobody waits for it to read.
    private final List<Closeable> inputs = new ArrayList<>();

    private final List<PipeInputStream> outputs = new ArrayList<>();
    private final List<Closeable> files = new ArrayList<>();
    private final List<ByteBudget> budgets = new ArrayList<>();
    private @Nullable ProgramSocket socket;
    private OutputStream stdin = OutputStream.nullOutputStream();
    private InputStream stdout = InputStream.nullInputStream();
    private InputStream stderr = InputStream.nullInputStream();
    private final List<Collector> discarded = new ArrayList<>();
    private @Nullable Collector capturedOut;
    private @Nullable Collector capturedErr;

    /// @param outputLimit bytes for each output
    private Streams(EventLoop loop, Command command, long outputLimit) {
        this.loop = loop;
        this.command = command;
        terminal = command.terminal().map(settings -> new RunTerminal(this, settings));
        this.outputLimit = outputLimit;
    }

    /// Opens the streams of `command`; on failure nothing stays open.
    ///
    /// @param ends numbers of streams that are ends of other pipes, to descriptors of them, which
    ///   stay the caller's; none for a command with a terminal
    static Streams open(
            EventLoop loop, Command command, long outputLimit, Map<Integer, Integer> ends) {
        Streams streams = new Streams(loop, command, outputLimit);
        if (streams.terminal.isPresent() && !ends.isEmpty()) {
            throw new IllegalArgumentException(
                    "a command with a terminal cannot be connected to other commands");
        }
        try {
            if (streams.terminal.isPresent()) {
                streams.childEnds.addAll(Collections.nCopies(3, openNull()));
            } else {
                streams.openPipes(ends);
            }
            if (!ends.isEmpty()) {
                streams.noteInodes();
            }
            return streams;
        } catch (RuntimeException | Error e) {
            streams.abandon();
            throw e;
        }
    }

    private void openPipes(Map<Integer, Integer> ends) {
        if (!given(ends, 0)) {
            openInput(command.stdin().orElseThrow());
        }
        if (!given(ends, 1)) {
            openOutput(command.stdout().orElseThrow(), false);
        }
        Output err = command.stderr().orElseThrow();
        if (err instanceof Output.MergeWithStdout && !ends.containsKey(2)) {
            childEnds.add(childEnds.get(1));
        } else if (!given(ends, 2)) {
            openOutput(err, true);
        }
    }

    /// Takes a descriptor of its own of the end that is given for a stream, if one is.
    private boolean given(Map<Integer, Integer> ends, int number) {
        Integer end = ends.get(number);
        if (end == null) {
            return false;
        }
        childEnds.add(
                LaunchErrors.check(
                        SetupStep.OPEN_STREAMS,
                        "end of a pipe",
                        Kernel.fcntl(end, F_DUPFD_CLOEXEC, 3)));
        return true;
    }

    /// The inodes of the pipes whose other ends the JVM has, where ends of others were given.
    Set<Long> inodes() {
        return inodes;
    }

    private void noteInodes() {
        inodes =
                pipes.stream()
                        .map(pipe -> Kernel.status(pipe).inode())
                        .collect(Collectors.toUnmodifiableSet());
    }

    /// The terminal of the command.
    Optional<RunTerminal> terminal() {
        return terminal;
    }

    /// Opens a terminal of the host for the program, in the place of what it would have been given.
    void openTerminal() {
        closeChildEnds();
        PseudoTerminal pair = PseudoTerminal.open();
        LaunchErrors.check(SetupStep.TERMINAL, "pseudo-terminal of the host", pair.master());
        synchronized (this) {
            childEnds.addAll(Collections.nCopies(3, pair.slave()));
        }
        pipes.add(pair.slave());
        attach(pair.master());
    }

    /// Connects the streams to the terminal, before the program is executed.
    ///
    /// @param master the JVM's side; closed at its end
    void attach(int master) {
        terminal.orElseThrow().attach(master);
        openInput(command.stdin().orElseThrow());
        openOutput(command.stdout().orElseThrow(), false);
    }

    /// Lets go of the terminal, as far as the streams hold it. What was shown stays to be read.
    void hangUp() {
        inputs.forEach(Streams::close);
        outputs.forEach(PipeInputStream::programEnded);
        loop.schedule(Duration.ZERO, () -> collectors().forEach(Collector::drain));
    }

    /// The descriptors for the program: standard input, output, error.
    synchronized List<Integer> childEnds() {
        return List.copyOf(childEnds);
    }

    OutputStream stdin() {
        return stdin;
    }

    /// The JVM's end of the socket that is standard input, if it is one.
    Optional<ProgramSocket> socket() {
        return Optional.ofNullable(socket);
    }

    InputStream stdout() {
        return stdout;
    }

    InputStream stderr() {
        return stderr;
    }

    /// Closes the program's ends; to be called when they were passed, or will not be.
    synchronized void closeChildEnds() {
        childEnds.stream().distinct().forEach(Kernel::close);
        childEnds.clear();
    }

    /// Closes everything.
    void abandon() {
        // Ours first: while the program's ends are open, the loop sees nothing happen to them.
        collectors().forEach(Collector::finish);
        inputs.forEach(Streams::close);
        outputs.forEach(Streams::close);
        files.forEach(Streams::close);
        socket().ifPresent(ProgramSocket::abandon);
        terminal.ifPresent(RunTerminal::end);
        closeChildEnds();
    }

    private static void close(Closeable stream) {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Collector> collectors() {
        List<Collector> list = new ArrayList<>(discarded);
        Optional.ofNullable(capturedOut).ifPresent(list::add);
        Optional.ofNullable(capturedErr).ifPresent(list::add);
        return list;
    }

    /// Starts to copy.
    ///
    /// @param failed told when something could not be stored
    void startPumps(Consumer<Throwable> failed) {
        for (Pump pump : pumps) {
            pump.start();
            pump.ended()
                    .whenComplete((_, problem) -> {
                        if (problem != null) {
                            failed.accept(problem);
                        }
                    });
        }
    }

    /// Reads the rest, when nobody writes any more. The future ends with the last byte stored; it
    /// fails where a byte could not be. On the loop's thread only.
    CompletableFuture<Void> finish() {
        collectors().forEach(Collector::drain);
        inputs.forEach(Streams::close);
        terminal.ifPresent(RunTerminal::end);
        outputs.forEach(PipeInputStream::programEnded);
        for (Collector collector : collectors()) {
            if (collector.failure().isPresent()) {
                return CompletableFuture.failedFuture(collector.failure().get());
            }
        }
        return CompletableFuture.allOf(
                pumps.stream().map(Pump::ended).toArray(CompletableFuture<?>[]::new));
    }

    byte[] capturedOut() {
        return capturedOut == null ? new byte[0] : capturedOut.bytes();
    }

    byte[] capturedErr() {
        return capturedErr == null ? new byte[0] : capturedErr.bytes();
    }

    private void openInput(Input input) {
        switch (input) {
            case Input.Empty _ when terminal.isPresent() -> endInput();
            case Input.Empty _ -> childEnds.add(openNull());
            case Input.OfBytes content -> inputBytes(content.bytes());
            case Input.OfFile(var path) -> {
                InputStream file = HostFile.input(path);
                files.add(file);
                pumps.add(Pump.input("stdin from " + path, file, sink()));
            }
            case Input.Inherit _ -> {
                InheritedInput inherited = new InheritedInput(loop);
                inputs.add(inherited);
                pumps.add(Pump.input("stdin", inherited, sink()));
            }
            case Input.Pipe _ when terminal.isPresent() -> stdin = typing();
            case Input.Pipe _ -> stdin = new BufferedOutputStream(inputPipe());
            case Input.Socket _ -> {
                ProgramSocket made = ProgramSocket.open();
                socket = made;
                childEnds.add(made.theirs());
            }
            case Input.OfStream(var stream) ->
                    pumps.add(Pump.input("stdin from a stream", stream, sink()));
        }
    }

    /// What fits into the pipe is written at once, so that mostly no thread has to; how much that
    /// is depends on how many pipes the user has.
    private void inputBytes(byte[] bytes) {
        if (terminal.isPresent()) {
            pumps.add(Pump.input("stdin from bytes", new ByteArrayInputStream(bytes), typing()));
            return;
        }
        PipeOutputStream pipe = inputPipe();
        int written = pipe.writeNow(bytes);
        if (written == bytes.length) {
            pipe.close();
        } else {
            InputStream rest = new ByteArrayInputStream(bytes, written, bytes.length - written);
            pumps.add(Pump.input("stdin from bytes", rest, pipe));
        }
    }

    private Sink sink() {
        return terminal.isPresent() ? typing() : inputPipe();
    }

    private TerminalInput typing() {
        RunTerminal side = terminal.orElseThrow();
        PipeOutputStream master = new PipeOutputStream(loop, side.duplicate(), true);
        inputs.add(master);
        return new TerminalInput(master, side::ending);
    }

    /// One byte, for which a new terminal has room.
    private void endInput() {
        try (TerminalInput input = typing()) {
            input.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private PipeOutputStream inputPipe() {
        Kernel.Pair pair = pipe("stdin");
        childEnds.add(pair.first());
        pipes.add(pair.first());
        nonBlocking(pair.second(), O_WRONLY);
        PipeOutputStream stream = new PipeOutputStream(loop, pair.second());
        inputs.add(stream);
        return stream;
    }

    private void openOutput(Output output, boolean error) {
        String name = error ? "stderr" : "stdout";
        switch (output) {
            case Output.Capture _ -> {
                int fd = outputEnd(name);
                Collector collector = new Collector(loop, fd, captureBudget(), true);
                if (error) {
                    capturedErr = collector;
                } else {
                    capturedOut = collector;
                }
            }
            case Output.Discard _ ->
                    discarded.add(new Collector(loop, outputEnd(name), budget(), false));
            case Output.Pipe _ -> {
                InputStream stream = new BufferedInputStream(outputPipe(name), STREAM_BUFFER);
                if (error) {
                    stderr = stream;
                } else {
                    stdout = stream;
                }
            }
            case Output.ToConsumer(var consumer) ->
                    pumps.add(Pump.consumer(name + " to a consumer", outputPipe(name), consumer));
            case Output.Inherit _ ->
                    pumps.add(Pump.output(name, outputPipe(name), InheritedOutput.of(error)));
            case Output.ToFile(var path, boolean append) -> {
                OutputStream file = HostFile.output(name, path, append);
                files.add(file);
                pumps.add(Pump.output(name + " to " + path, outputPipe(name), file));
            }
            case Output.MergeWithStdout _ ->
                    throw new IllegalArgumentException("stdout cannot be merged with itself");
        }
    }

    /// What is kept must fit into an array.
    private ByteBudget captureBudget() {
        return budget(Math.min(outputLimit, LARGEST_ARRAY));
    }

    private ByteBudget budget(long limit) {
        ByteBudget budget = new ByteBudget(limit, this::exceeded);
        budgets.add(budget);
        return budget;
    }

    /// How many bytes the program has written that somebody took.
    long outputBytes() {
        return budgets.stream().mapToLong(ByteBudget::passed).sum();
    }

    private void exceeded() {
        outputExceeded.run();
    }

    /// From now on `action` is told when an output goes beyond its limit; to be called before the
    /// program can write.
    void onOutputExceeded(Runnable action) {
        outputExceeded = action;
    }

    /// Makes the pipes the property of a host user, so that the program can open them by name too
    /// (`/dev/stdout`). Their mode is 0600.
    void giveTo(int uid, int gid) {
        for (int pipe : pipes) {
            LaunchErrors.check(
                    SetupStep.OPEN_STREAMS, "owner of a pipe", Kernel.changeOwner(pipe, uid, gid));
        }
    }

    private ByteBudget budget() {
        return budget(outputLimit);
    }

    private PipeInputStream outputPipe(String name) {
        PipeInputStream stream = new PipeInputStream(loop, outputEnd(name), budget());
        outputs.add(stream);
        return stream;
    }

    private int outputEnd(String name) {
        if (terminal.isPresent()) {
            return terminal.get().duplicate();
        }
        Kernel.Pair pair = pipe(name);
        childEnds.add(pair.second());
        pipes.add(pair.second());
        nonBlocking(pair.first(), O_RDONLY);
        return pair.first();
    }

    private static Kernel.Pair pipe(String name) {
        Kernel.Pair pair = Kernel.pipe(O_CLOEXEC);
        LaunchErrors.check(SetupStep.OPEN_STREAMS, "pipe for " + name, pair.first());
        return pair;
    }

    /// The mode belongs to this end alone; the program's end stays blocking.
    private static void nonBlocking(int fd, int access) {
        LaunchErrors.check(
                SetupStep.OPEN_STREAMS,
                "non-blocking pipe",
                Kernel.fcntl(fd, F_SETFL, access | O_NONBLOCK));
    }

    private static int openNull() {
        return LaunchErrors.check(
                SetupStep.OPEN_STREAMS,
                "/dev/null",
                Kernel.open("/dev/null", O_RDONLY | O_CLOEXEC, 0));
    }
}
