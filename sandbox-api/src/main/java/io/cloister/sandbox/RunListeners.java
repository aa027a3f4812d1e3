package io.cloister.sandbox;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// Tells the listeners of a sandbox of its runs. Immutable.
///
/// The end of a run is told to each on a virtual thread of its own: the thread that learns of it
/// serves all sandboxes, and none of them waits for another.
final class RunListeners {
    private static final Logger LOG = LoggerFactory.getLogger(RunListeners.class);
    private static final Executor ASIDE = Thread::startVirtualThread;
    private static final RunListeners NONE = new RunListeners(List.of());

    private final List<RunListener> listeners;

    private RunListeners(List<RunListener> listeners) {
        this.listeners = List.copyOf(listeners);
    }

    static RunListeners none() {
        return NONE;
    }

    RunListeners with(RunListener listener) {
        List<RunListener> more = new ArrayList<>(listeners);
        more.add(Objects.requireNonNull(listener, "listener"));
        return new RunListeners(more);
    }

    /// What starts a command.
    @FunctionalInterface
    interface Launch<X extends Exception> {
        SandboxProcess launch(Command command) throws X;
    }

    /// Tells of a command that is about to be launched.
    Announced announce(Command command) {
        if (listeners.isEmpty()) {
            return new Announced(command, List.of());
        }
        List<RunListener.Watch> watches = new ArrayList<>();
        Command watched = command;
        for (RunListener listener : listeners) {
            try {
                RunListener.Watch watch = listener.launching(command);
                watches.add(Objects.requireNonNull(watch, "watch"));
                for (Map.Entry<String, String> variable : watch.environment().entrySet()) {
                    if (!command.environment().containsKey(variable.getKey())) {
                        watched = watched.environment(variable.getKey(), variable.getValue());
                    }
                }
            } catch (RuntimeException | Error e) {
                LOG.warn("a listener failed before a launch, which goes on", e);
            }
        }
        return new Announced(watched, watches);
    }

    /// A run that its listeners know of.
    static final class Announced {
        private final Command command;
        private final List<RunListener.Watch> watches;
        private final AtomicBoolean over = new AtomicBoolean();

        private Announced(Command command, List<RunListener.Watch> watches) {
            this.command = command;
            this.watches = watches;
        }

        /// The command, with what the listeners add to its environment.
        Command command() {
            return command;
        }

        /// Starts it, and tells how that went.
        <X extends Exception> SandboxProcess start(Launch<X> launch) throws X {
            SandboxProcess process;
            try {
                process = launch.launch(command);
            } catch (Throwable e) {
                failed(e);
                throw e;
            }
            return started(process);
        }

        /// Tells of the start of a process, and later of its end.
        SandboxProcess started(SandboxProcess process) {
            if (!watches.isEmpty()) {
                watches.forEach(watch -> tell(watch, it -> it.started(process)));
                process.onResult()
                        .whenComplete((result, problem) -> {
                            if (problem == null) {
                                end(watch -> watch.ended(result));
                            } else {
                                failed(problem);
                            }
                        });
            }
            return process;
        }

        /// Tells of a run that was not launched, or could not be watched to its end.
        void failed(Throwable problem) {
            Throwable cause = problem.getCause();
            Throwable plain =
                    problem instanceof CompletionException && cause != null ? cause : problem;
            end(watch -> watch.failed(plain));
        }

        /// Each on a thread of its own, since any of them may take its time.
        private void end(Consumer<RunListener.Watch> event) {
            if (over.compareAndSet(false, true)) {
                watches.forEach(watch -> ASIDE.execute(() -> tell(watch, event)));
            }
        }

        private static void tell(RunListener.Watch watch, Consumer<RunListener.Watch> event) {
            try {
                event.accept(watch);
            } catch (RuntimeException | Error e) {
                LOG.warn("a listener of a run failed; the run does not notice", e);
            }
        }
    }
}
