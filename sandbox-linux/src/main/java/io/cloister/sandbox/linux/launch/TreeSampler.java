package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.watch.TreeWatch;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// One thread that looks at the processes of all runs without a control group, in turn: to read
/// /proc takes a while, for which the loop must not wait. With many runs it looks less often, so
/// that it takes a fifth of a processor at most. Thread-safe.
final class TreeSampler {

    /// The one of this JVM.
    static final TreeSampler SHARED = new TreeSampler();

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final int REST = 4;
    private static final Logger LOG = LoggerFactory.getLogger(TreeSampler.class);

    private final Set<Watched> all = ConcurrentHashMap.newKeySet();
    private Optional<Thread> thread = Optional.empty();

    private TreeSampler() {}

    /// A run that is looked at until it is closed.
    final class Watched implements AutoCloseable {
        private final Supplier<OptionalLong> head;
        private final Consumer<TreeWatch> look;
        private Optional<TreeWatch> tree = Optional.empty();

        private Watched(Supplier<OptionalLong> head, Consumer<TreeWatch> look) {
            this.head = head;
            this.look = look;
        }

        private void look() {
            if (tree.isEmpty()) {
                OptionalLong pid = head.get();
                if (pid.isPresent()) {
                    tree = Optional.of(new TreeWatch(Math.toIntExact(pid.getAsLong())));
                }
            }
            tree.ifPresent(look);
        }

        /// Does not look until [#resume()]; what was seen stays known.
        void rest() {
            all.remove(this);
        }

        /// Looks again.
        void resume() {
            add(this);
        }

        @Override
        public void close() {
            all.remove(this);
        }
    }

    /// Looks at a tree from time to time.
    ///
    /// @param head tells the pid of its first process; asked on the thread of this sampler
    /// @param look called with it there
    Watched watch(Supplier<OptionalLong> head, Consumer<TreeWatch> look) {
        Watched watched = new Watched(head, look);
        add(watched);
        return watched;
    }

    private synchronized void add(Watched watched) {
        all.add(watched);
        if (thread.isEmpty()) {
            thread =
                    Optional.of(
                            Thread.ofPlatform().daemon().name("cloister-trees").start(this::run));
        } else {
            LockSupport.unpark(thread.get());
        }
    }

    private void run() {
        while (true) {
            long start = System.nanoTime();
            for (Watched watched : all) {
                try {
                    watched.look();
                } catch (RuntimeException | Error e) {
                    LOG.error("the processes of a run cannot be looked at", e);
                }
            }
            if (all.isEmpty()) {
                LockSupport.park(this);
            } else {
                long spent = System.nanoTime() - start;
                LockSupport.parkNanos(this, Math.max(PAUSE.toNanos(), REST * spent));
            }
        }
    }
}
