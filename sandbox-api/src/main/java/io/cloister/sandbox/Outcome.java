package io.cloister.sandbox;

import java.time.Duration;
import java.util.Objects;

/// How a command ended. The cause is proven, never guessed from an exit code.
public sealed interface Outcome {

    /// {@return whether the command ended by itself with exit code 0}
    default boolean isSuccess() {
        return this instanceof Exited(int code) && code == 0;
    }

    /// The command ended by itself.
    ///
    /// @param code its exit code, 0 to 255
    record Exited(int code) implements Outcome {
        /// Checks the code.
        ///
        /// @throws IllegalArgumentException if `code` is not within 0 to 255
        public Exited {
            if (code < 0 || code > 255) {
                throw new IllegalArgumentException("code must be 0 to 255, was " + code);
            }
        }
    }

    /// A signal ended the command: a fault of its own, or one sent by another process inside or by
    /// [SandboxProcess#signal(Signal)]; never one by which the sandbox itself ends a run.
    ///
    /// @param signal the signal
    record Signalled(Signal signal) implements Outcome {
        /// Refuses null.
        public Signalled {
            Objects.requireNonNull(signal, "signal");
        }
    }

    /// A limit of the policy was reached. The sandbox or the kernel ended the run for it, or the
    /// run ended by itself within [LimitsBuilder#extraTime(java.time.Duration)].
    /// [SandboxResult#evidence()] tells from what this is known.
    ///
    /// @param limit which one
    record LimitReached(Limit limit) implements Outcome {
        /// Refuses null.
        public LimitReached {
            Objects.requireNonNull(limit, "limit");
        }
    }

    /// The run was ended for a system call that the policy forbids by
    /// [io.cloister.sandbox.syscall.SyscallAction#KILL], or the command died of SIGSYS, the
    /// kernel's answer to calls of a foreign ABI and to those that are trapped. The latter a
    /// program can bring about by other means too; then it says so of itself.
    ///
    /// @param call the name of the call, with the argument for which it is forbidden where it is
    ///   for one: `ptrace`, `socket(arg0 = 0x28)`; or what is known of it
    record PolicyViolated(String call) implements Outcome {
        /// Refuses null.
        public PolicyViolated {
            Objects.requireNonNull(call, "call");
        }
    }

    /// The caller ended the run: [SandboxProcess#cancel()], [SandboxProcess#terminate(Duration)]
    /// when the command did not end in time, [Sandbox#close()], an interrupt of
    /// [Sandbox#run(Command)] or the cancelling of its future.
    ///
    /// @param after the time from the start of the command to its end, as
    ///   [ResourceUsage#wallTime()] of the result has it
    record Cancelled(Duration after) implements Outcome {
        /// Refuses null.
        public Cancelled {
            Objects.requireNonNull(after, "after");
        }

        /// With the time, for people.
        @Override
        public String toString() {
            return "Cancelled[after %s]".formatted(Units.showDuration(after));
        }
    }
}
