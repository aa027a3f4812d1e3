package io.cloister.sandbox;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Who holds which part of a budget, and who waits for one. Thread-safe; a thread that waits parks,
/// so a virtual one frees its carrier.
///
/// Whoever comes while others wait goes behind them even if there is room: otherwise small requests
/// would starve a large one. Only the head of the queue is ever admitted.
final class BudgetQueue {
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Lease> waiting = new ArrayDeque<>();
    private final BudgetAmount total;
    private final Duration timeout;
    private final int length;
    private BudgetAmount inUse = BudgetAmount.NONE;

    /// @param total what there is
    /// @param timeout how long a request may wait; 0: not at all
    /// @param length how many may wait at one time
    BudgetQueue(BudgetAmount total, Duration timeout, int length) {
        this.total = total;
        this.timeout = timeout;
        this.length = length;
    }

    BudgetAmount inUse() {
        lock.lock();
        try {
            return inUse;
        } finally {
            lock.unlock();
        }
    }

    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /// Takes an amount, or a place in the queue for it, without waiting.
    ///
    /// @param amount no more than there is in all
    /// @throws BudgetExceededException if there is neither
    Lease request(BudgetAmount amount) {
        lock.lock();
        try {
            Lease lease = new Lease(amount);
            Optional<String> obstacle = obstacle(lease);
            if (obstacle.isEmpty()) {
                hold(lease);
                return lease;
            }
            if (timeout.isZero()) {
                throw exceeded(obstacle.get(), "queueTimeout is 0s");
            }
            if (waiting.size() >= length) {
                throw exceeded(obstacle.get(), "queueLength is " + length);
            }
            waiting.add(lease);
            return lease;
        } finally {
            lock.unlock();
        }
    }

    /// What keeps a request from being admitted now: no room, or those before it.
    private Optional<String> obstacle(Lease lease) {
        Lease head = waiting.peek();
        if (head == null || head == lease) {
            return lease.amount.lackIn(total.minus(inUse));
        }
        long before = waiting.stream().takeWhile(other -> other != lease).count();
        return Optional.of("requests that came before it: " + before);
    }

    private static BudgetExceededException exceeded(String obstacle, String wait) {
        return new BudgetExceededException(
                "the budget has no room: %s (%s)".formatted(obstacle, wait));
    }

    private void hold(Lease lease) {
        inUse = inUse.plus(lease.amount);
        lease.state = State.HELD;
        lease.changed.signal();
    }

    private void end(Lease lease) {
        switch (lease.state) {
            case HELD -> inUse = inUse.minus(lease.amount);
            case WAITING -> waiting.remove(lease);
            case ENDED -> {
                return;
            }
        }
        lease.state = State.ENDED;
        lease.changed.signal();
        admit();
    }

    private void admit() {
        Lease head = waiting.peek();
        while (head != null && obstacle(head).isEmpty()) {
            waiting.remove();
            hold(head);
            head = waiting.peek();
        }
    }

    private enum State {
        WAITING,
        HELD,
        ENDED
    }

    /// A part of the budget, or a place in the queue for it, until it is closed. Closing again does
    /// nothing.
    final class Lease implements AutoCloseable {
        private final Condition changed = lock.newCondition();
        private final long since = System.nanoTime();
        private BudgetAmount amount;
        private State state = State.WAITING;

        private Lease(BudgetAmount amount) {
            this.amount = amount;
        }

        /// Whether the amount has been taken and not given back.
        boolean isHeld() {
            lock.lock();
            try {
                return state == State.HELD;
            } finally {
                lock.unlock();
            }
        }

        /// Waits until the amount is taken. After an exception the lease is closed.
        ///
        /// @throws BudgetExceededException if the time is up
        /// @throws InterruptedException if the thread is interrupted while it waits
        /// @throws CancellationException if somebody closes the lease
        void await() throws InterruptedException {
            lock.lock();
            try {
                long left = TimeUnit.NANOSECONDS.convert(timeout) - (System.nanoTime() - since);
                while (state == State.WAITING && left > 0) {
                    left = changed.awaitNanos(left);
                }
                if (state == State.WAITING) {
                    String obstacle = obstacle(this).orElseThrow();
                    end(this);
                    throw exceeded(obstacle, "waited " + Units.formatDuration(timeout));
                }
                if (state == State.ENDED) {
                    throw new CancellationException("the request was withdrawn");
                }
            } catch (InterruptedException e) {
                end(this);
                throw e;
            } finally {
                lock.unlock();
            }
        }

        /// What is held or asked for.
        BudgetAmount amount() {
            lock.lock();
            try {
                return amount;
            } finally {
                lock.unlock();
            }
        }

        /// Changes the amount. Less is given back at once; more is taken at once or not at all.
        ///
        /// @throws BudgetExceededException if there is no room for more, or others wait for it
        void change(BudgetAmount wanted) {
            lock.lock();
            try {
                BudgetAmount more = wanted.max(amount).minus(amount);
                if (state != State.HELD) {
                    return;
                }
                if (!more.equals(BudgetAmount.NONE)) {
                    Optional<String> obstacle =
                            waiting.isEmpty()
                                    ? more.lackIn(total.minus(inUse))
                                    : Optional.of("requests that wait for it: " + waiting.size());
                    if (obstacle.isPresent()) {
                        throw exceeded(obstacle.get(), "changed limits do not wait");
                    }
                }
                inUse = inUse.plus(wanted).minus(amount);
                amount = wanted;
                admit();
            } finally {
                lock.unlock();
            }
        }

        /// Gives the place in the queue up; does nothing once the amount is held.
        void withdraw() {
            lock.lock();
            try {
                if (state == State.WAITING) {
                    end(this);
                }
            } finally {
                lock.unlock();
            }
        }

        /// Gives the amount back, or the place in the queue up.
        @Override
        public void close() {
            lock.lock();
            try {
                end(this);
            } finally {
                lock.unlock();
            }
        }
    }
}
