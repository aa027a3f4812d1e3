package io.cloister.sandbox.linux.ffm;

import static io.cloister.sandbox.linux.ffm.Kernel.call;

import io.cloister.sandbox.linux.program.Call;
import io.cloister.sandbox.linux.program.Linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// System calls on terminals: ioctl_tty(2), and struct termios as the kernel has it. Each returns a
/// value >= 0, or -errno. Thread-safe.
public final class TerminalCalls {

    /// sizeof(struct termios) of the kernel: four words, the line discipline, 19 characters.
    public static final int ATTRIBUTES_SIZE = 36;

    private static final int WINSIZE_SIZE = 8;

    private TerminalCalls() {}

    /// A size as the kernel has it; both 0 where nobody has said it.
    ///
    /// @param result 0, or -errno
    public record WindowSize(int result, int rows, int columns) {}

    /// TIOCGWINSZ.
    public static WindowSize size(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            // struct winsize { unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel; }
            MemorySegment size = arena.allocate(WINSIZE_SIZE, 8);
            int result = (int) call(Call.IOCTL, fd, Linux.TIOCGWINSZ, size.address());
            return new WindowSize(
                    result,
                    Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, 0)),
                    Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, 2)));
        }
    }

    /// TIOCSWINSZ.
    public static int setSize(int fd, int rows, int columns) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(WINSIZE_SIZE, 8);
            size.set(ValueLayout.JAVA_SHORT, 0, (short) rows);
            size.set(ValueLayout.JAVA_SHORT, 2, (short) columns);
            return (int) call(Call.IOCTL, fd, Linux.TIOCSWINSZ, size.address());
        }
    }

    /// TCGETS, into `attributes`; ENOTTY if `fd` is no terminal. Of the master of a pseudo-terminal
    /// these are the attributes of the terminal.
    public static int attributes(int fd, byte[] attributes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment termios = arena.allocate(ATTRIBUTES_SIZE, 8);
            int result = (int) call(Call.IOCTL, fd, Linux.TCGETS, termios.address());
            MemorySegment.copy(termios, ValueLayout.JAVA_BYTE, 0, attributes, 0, ATTRIBUTES_SIZE);
            return result;
        }
    }

    /// TCSETSW: when all output has been sent.
    public static int setAttributes(int fd, byte[] attributes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment termios = arena.allocate(ATTRIBUTES_SIZE, 8);
            MemorySegment.copy(attributes, 0, termios, ValueLayout.JAVA_BYTE, 0, ATTRIBUTES_SIZE);
            return (int) call(Call.IOCTL, fd, Linux.TCSETSW, termios.address());
        }
    }

    /// TIOCSPTLCK with 0: lets the terminal of a master be opened.
    public static int unlock(int master) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call(Call.IOCTL, master, Linux.TIOCSPTLCK, arena.allocate(4, 4).address());
        }
    }

    /// TIOCGPTPEER: opens the terminal of a master, whatever is mounted where.
    ///
    /// @return the descriptor
    public static int openPeer(int master, int flags) {
        return (int) call(Call.IOCTL, master, Linux.TIOCGPTPEER, flags);
    }

    /// Whether nobody has the terminal of a master open any more: ppoll(2) says POLLHUP.
    public static boolean isHungUp(int master) {
        try (Arena arena = Arena.ofConfined()) {
            // struct pollfd { int fd; short events; short revents; }, timeout {0, 0}
            MemorySegment poll = arena.allocate(8, 8);
            poll.set(ValueLayout.JAVA_INT, 0, master);
            MemorySegment time = arena.allocate(16, 8);
            call(Call.PPOLL, poll.address(), 1, time.address(), 0, 0);
            return (poll.get(ValueLayout.JAVA_SHORT, 6) & Linux.EPOLLHUP) != 0;
        }
    }
}
