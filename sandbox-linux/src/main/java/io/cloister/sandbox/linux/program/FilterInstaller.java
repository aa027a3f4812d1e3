package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.MSG_NOSIGNAL;
import static io.cloister.sandbox.linux.program.Linux.SECCOMP_FILTER_FLAG_NEW_LISTENER;
import static io.cloister.sandbox.linux.program.Linux.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
import static io.cloister.sandbox.linux.program.Linux.SECCOMP_SET_MODE_FILTER;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.program.Argument.Address;

/// Writes the operations by which the command's process installs its system-call filter, and hands
/// the filter's listener to the JVM where there is one.
///
/// The listener goes to the JVM before the program is executed: so the JVM can answer whatever the
/// program's first call is. It is closed by the execution.
final class FilterInstaller {

    private final ProgramBuilder b;
    private final InstalledFilter filter;
    private final Address status;

    /// @param status where the number of the status socket stands
    FilterInstaller(ProgramBuilder b, InstalledFilter filter, Address status) {
        this.b = b;
        this.filter = filter;
        this.status = status;
    }

    void write() {
        if (filter.length() == 0) {
            return;
        }
        b.step(
                SetupStep.SYSCALL_FILTER,
                filter.length() + " instructions" + (filter.listened() ? ", with a listener" : ""));
        if (!filter.listened()) {
            install(filter.instructions(), filter.flags());
            return;
        }
        Address control = b.control(1);
        Label refused = filter.unheard().isPresent() ? new Label() : b.failure();
        Label installed = new Label();
        install(filter.instructions(), filter.flags())
                .onError(refused)
                .store(control.plus(ProgramBuilder.DESCRIPTORS));
        Address payload = b.words(number(StatusTag.LISTENER), number(0));
        Address header = b.message(payload, 16, control, ProgramBuilder.controlLength(1));
        b.call(
                Call.SENDMSG,
                status.loaded(),
                header,
                number(MSG_NOSIGNAL),
                filter.ticket(0),
                filter.ticket(1),
                filter.ticket(2));
        if (filter.unheard().isPresent()) {
            Label again = new Label();
            b.jump(installed);
            b.place(refused);
            Argument errno = new Argument.LoadedAbsolute(Interpreter.RECORD + 8);
            b.jumpIfEqual(errno, number(Errno.EBUSY.negated()), again);
            b.jump(b.failure());
            b.place(again);
            int listening =
                    SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
            install(filter.unheard().get(), filter.flags() & ~listening);
        }
        b.place(installed);
    }

    private ProgramBuilder.Outcome install(byte[] instructions, int flags) {
        // struct sock_fprog { unsigned short len; struct sock_filter *filter; }
        Address program =
                b.words(number(InstalledFilter.length(instructions)), b.bytes(instructions));
        return b.call(Call.SECCOMP, number(SECCOMP_SET_MODE_FILTER), number(flags), program);
    }
}
