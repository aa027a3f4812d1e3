package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.*;

import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.plan.TerminalSource;
import io.cloister.sandbox.linux.program.Argument.Address;

/// Writes the operations that give the command its terminal.
///
/// The first process opens both sides while nothing else runs in the sandbox that it has made, and
/// before the command enters its domain of Landlock, which would be asked at each open. It has no
/// terminal itself: O_NOCTTY, and the command alone leads a session.
final class TerminalCompiler {

    /// Where the sandbox's pseudo-terminals are made.
    private static final String MULTIPLEXER = "/dev/pts/ptmx";

    private final ProgramBuilder b;
    private final TerminalSource source;
    private final int stdin;
    private final Address status;
    private final Address slave;

    /// @param stdin the first of the passed standard streams
    /// @param status where the number of the status socket stands
    TerminalCompiler(ProgramBuilder b, TerminalSource source, int stdin, Address status) {
        this.b = b;
        this.source = source;
        this.stdin = stdin;
        this.status = status;
        slave = source == TerminalSource.OWN ? b.zeros(8) : status;
    }

    /// In the first process: opens a terminal, hands the other side to the JVM, and waits until
    /// that has set its size and its mode.
    void open() {
        if (source != TerminalSource.OWN) {
            return;
        }
        b.step(SetupStep.TERMINAL, MULTIPLEXER);
        Address control = b.control(1);
        Address master = control.plus(ProgramBuilder.DESCRIPTORS);
        // Who might mount something else there could not make this process wait: O_NONBLOCK.
        int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
        b.call(
                        Call.OPENAT,
                        number(AT_FDCWD),
                        b.text(MULTIPLEXER),
                        number(flags | O_NONBLOCK),
                        number(0))
                .store(master);
        Address zero = b.zeros(8);
        b.call(Call.IOCTL, master.loaded(), number(TIOCSPTLCK), zero);
        b.call(Call.IOCTL, master.loaded(), number(TIOCGPTPEER), number(flags)).store(slave);
        b.step(SetupStep.TERMINAL, "hand over");
        Address payload = b.words(number(StatusTag.TERMINAL), number(0));
        Address header = b.message(payload, 16, control, ProgramBuilder.controlLength(1));
        b.call(Call.SENDMSG, status.loaded(), header, number(MSG_NOSIGNAL));
        b.call(Call.CLOSE, master.loaded());
        Address answer = b.zeros(16);
        b.call(Call.READ, status.loaded(), answer, number(8)).store(answer.plus(8));
        Label ready = new Label();
        b.jumpIfEqual(answer.plus(8).loaded(), number(8), ready);
        b.call(Call.EXIT_GROUP, number(1)).orGoOn();
        b.place(ready);
    }

    /// In the command's process, which leads a session: the terminal becomes the controlling one.
    void control() {
        if (source == TerminalSource.NONE) {
            return;
        }
        b.step(SetupStep.TERMINAL, "controlling terminal");
        b.call(Call.IOCTL, stream(0), number(TIOCSCTTY), number(0));
    }

    /// The descriptor of a standard stream.
    Argument stream(int number) {
        return source == TerminalSource.OWN ? slave.loaded() : number(stdin + number);
    }
}
