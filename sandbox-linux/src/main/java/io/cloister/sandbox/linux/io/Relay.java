package io.cloister.sandbox.linux.io;

import static io.cloister.sandbox.linux.program.Linux.EPOLLIN;
import static io.cloister.sandbox.linux.program.Linux.EPOLLOUT;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.io.EventLoop.Registration;

import java.time.Duration;
import java.util.Optional;

/// Passes on what comes out of one pipe into another, on the loop's thread, and tells a meter.
///
/// It reads no further while the target is full or the meter wants a pause; so the writer has to
/// wait, and what is on its way here is never more than one chunk. When one side ends, it ends the
/// other: the reader finds the end of the stream, or the writer gets SIGPIPE.
public final class Relay {

    /// Is told what goes through, on the loop's thread.
    public interface Meter {
        /// How many of `length` bytes may go on. If that is less, nothing behind them does, and
        /// both programs wait: neither shall take it for the end of the stream.
        int allow(int length);

        /// Whether it wants the bytes.
        boolean isRecording();

        /// Takes bytes that go on; tells whether more may be read before [Relay#resume()].
        boolean record(byte[] bytes);
    }

    private static final int CHUNK = 64 * 1024;

    /// A program that floods its output must not keep the loop from the others.
    private static final int CHUNKS_PER_EVENT = 4;

    private final EventLoop loop;
    private final int source;
    private final int target;
    private final Meter meter;
    private Optional<Registration> reading = Optional.empty();
    private Optional<Registration> writing = Optional.empty();
    private byte[] pending = new byte[0];
    private int written;
    private boolean paused;
    private boolean halted;
    private boolean ended;

    /// @param source the non-blocking end to read; closed at the end
    /// @param target the non-blocking end to write; closed at the end
    public Relay(EventLoop loop, int source, int target, Meter meter) {
        this.loop = loop;
        this.source = source;
        this.target = target;
        this.meter = meter;
    }

    /// Begins. If that fails both descriptors are closed.
    ///
    /// @throws io.cloister.sandbox.SandboxException if the kernel refuses to watch them
    public synchronized void start() {
        try {
            // Errors are told in any case: the reader is gone.
            writing = Optional.of(loop.register(target, 0, _ -> onTarget()));
            read();
        } catch (RuntimeException e) {
            end();
            throw e;
        }
    }

    private void read() {
        reading = Optional.of(loop.register(source, EPOLLIN, _ -> onSource()));
    }

    /// The kernel tells of a writer's end whatever is watched, again and again. So who does not
    /// want to read does not watch.
    private void stopReading() {
        reading.ifPresent(Registration::cancel);
        reading = Optional.empty();
    }

    /// An event may have been on its way when reading stopped.
    private synchronized void onSource() {
        for (int i = 0; i < CHUNKS_PER_EVENT && !ended && reading.isPresent(); i++) {
            int count = Kernel.read(source, loop.buffer(), CHUNK);
            if (Errno.EAGAIN.is(count)) {
                return;
            }
            if (count <= 0) {
                end();
            } else {
                pass(count);
            }
        }
    }

    private void pass(int count) {
        int allowed = meter.allow(count);
        if (allowed > 0 && meter.isRecording()) {
            byte[] bytes = new byte[allowed];
            loop.buffer().get(0, bytes, 0, allowed);
            paused = !meter.record(bytes);
        }
        if (allowed > 0) {
            write(allowed);
        }
        halted = allowed < count;
        if (!ended && (halted || paused || pending.length > 0)) {
            stopReading();
        }
    }

    private void write(int count) {
        int done = Kernel.write(target, loop.buffer(), count);
        if (done < 0 && !Errno.EAGAIN.is(done)) {
            end();
        } else if (done < count) {
            written = 0;
            int rest = count - Math.max(done, 0);
            pending = new byte[rest];
            loop.buffer().get(count - rest, pending, 0, rest);
            writing.orElseThrow().watch(EPOLLOUT);
        }
    }

    /// There is room, or the reader is gone, of which a write tells.
    private synchronized void onTarget() {
        if (ended) {
            return;
        }
        if (pending.length == 0) {
            if (Kernel.poll(target, 0, Duration.ZERO) != 0) {
                end();
            }
            return;
        }
        int done = Kernel.write(target, pending, written, pending.length - written);
        if (Errno.EAGAIN.is(done)) {
            return;
        }
        if (done < 0) {
            end();
            return;
        }
        written += done;
        if (written == pending.length) {
            pending = new byte[0];
            writing.orElseThrow().watch(0);
            if (!paused && !halted) {
                read();
            }
        }
    }

    /// Reads again after a pause of the meter's.
    public synchronized void resume() {
        if (paused) {
            paused = false;
            if (!ended && !halted && pending.length == 0) {
                read();
            }
        }
    }

    /// Whether nothing is on its way here, and nothing can be before one of the programs acts.
    public synchronized boolean isQuiet() {
        if (ended) {
            return true;
        }
        if (paused || halted) {
            return false;
        }
        if (pending.length > 0) {
            return Kernel.poll(target, EPOLLOUT, Duration.ZERO) == 0;
        }
        return Kernel.poll(source, EPOLLIN, Duration.ZERO) == 0
                && Kernel.poll(target, 0, Duration.ZERO) == 0;
    }

    /// Lets go of both pipes. Does nothing the second time.
    public synchronized void end() {
        if (!ended) {
            ended = true;
            pending = new byte[0];
            reading.ifPresentOrElse(Registration::close, () -> Kernel.close(source));
            writing.ifPresentOrElse(Registration::close, () -> Kernel.close(target));
        }
    }
}
