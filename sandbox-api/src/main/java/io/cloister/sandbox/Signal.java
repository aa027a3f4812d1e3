package io.cloister.sandbox;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/// A signal to a process. Numbers and names are those of signal(7) on x86-64 and 64-bit ARM.
///
/// @param number 1 to 64
public record Signal(int number) {
    private static final int MAX = 64;

    /// The first real-time signal that the C library leaves to programs.
    private static final int FIRST_REAL_TIME = 34;

    private static final List<String> NAMES =
            List.of(
                    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1",
                    "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP",
                    "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
                    "PWR", "SYS");

    /// The terminal was closed; many daemons reload their configuration.
    public static final Signal HUP = new Signal(1);

    /// Interrupt from the keyboard.
    public static final Signal INT = new Signal(2);

    /// Quit from the keyboard, with a core dump.
    public static final Signal QUIT = new Signal(3);

    /// Illegal machine instruction.
    public static final Signal ILL = new Signal(4);

    /// Trace or breakpoint trap.
    public static final Signal TRAP = new Signal(5);

    /// abort(3).
    public static final Signal ABRT = new Signal(6);

    /// Access to memory that has nothing behind it.
    public static final Signal BUS = new Signal(7);

    /// Arithmetic error, for example a division by zero.
    public static final Signal FPE = new Signal(8);

    /// Ends a process; it can be neither caught nor ignored.
    public static final Signal KILL = new Signal(9);

    /// Free for programs.
    public static final Signal USR1 = new Signal(10);

    /// Invalid reference to memory.
    public static final Signal SEGV = new Signal(11);

    /// Free for programs.
    public static final Signal USR2 = new Signal(12);

    /// Write to a pipe without readers.
    public static final Signal PIPE = new Signal(13);

    /// A timer of alarm(2) ran out.
    public static final Signal ALRM = new Signal(14);

    /// Asks a process to end.
    public static final Signal TERM = new Signal(15);

    /// A child ended or stopped.
    public static final Signal CHLD = new Signal(17);

    /// Lets a stopped process go on.
    public static final Signal CONT = new Signal(18);

    /// Stops a process; it can be neither caught nor ignored.
    public static final Signal STOP = new Signal(19);

    /// Processor time limit (`RLIMIT_CPU`) reached.
    public static final Signal XCPU = new Signal(24);

    /// File size limit (`RLIMIT_FSIZE`) reached.
    public static final Signal XFSZ = new Signal(25);

    /// Forbidden or bad system call.
    public static final Signal SYS = new Signal(31);

    /// Checks the number.
    ///
    /// @throws IllegalArgumentException if `number` is not within 1 to 64
    public Signal {
        if (number < 1 || number > MAX) {
            throw new IllegalArgumentException("a signal must be 1 to 64, was " + number);
        }
    }

    /// {@return the signal of a name such as `SIGTERM`, `TERM`, `term` or `SIGRTMIN+1`, or of a
    /// number such as `15`}
    ///
    /// @param name the name or number; case does not matter
    /// @throws IllegalArgumentException if there is no such signal
    public static Signal of(String name) {
        Objects.requireNonNull(name, "name");
        String wanted = name.toUpperCase(Locale.ROOT);
        for (int number = 1; number <= MAX; number++) {
            String known = nameOf(number);
            if (known.equals(wanted)
                    || known.equals("SIG" + wanted)
                    || String.valueOf(number).equals(wanted)) {
                return new Signal(number);
            }
        }
        throw new IllegalArgumentException(
                "expected a signal such as \"SIGTERM\" or \"15\", was \"" + name + "\"");
    }

    /// {@return the name, for example `SIGSEGV`} Real-time signals are counted from `SIGRTMIN` as
    /// the C library does; the two it keeps for itself are `SIG32` and `SIG33`.
    public String name() {
        return nameOf(number);
    }

    private static String nameOf(int number) {
        if (number <= NAMES.size()) {
            return "SIG" + NAMES.get(number - 1);
        }
        if (number < FIRST_REAL_TIME) {
            return "SIG" + number;
        }
        return number == FIRST_REAL_TIME ? "SIGRTMIN" : "SIGRTMIN+" + (number - FIRST_REAL_TIME);
    }

    /// The name, for example `SIGSEGV`.
    @Override
    public String toString() {
        return name();
    }
}
