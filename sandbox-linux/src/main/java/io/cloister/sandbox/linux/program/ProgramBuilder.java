package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;
import static io.cloister.sandbox.linux.program.Linux.SCM_RIGHTS;
import static io.cloister.sandbox.linux.program.Linux.SIGCHLD;
import static io.cloister.sandbox.linux.program.Linux.SOL_SOCKET;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.program.Argument.Address;
import io.cloister.sandbox.linux.program.Argument.Constant;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes a syscall program: operations in order, and the data they point to.
///
/// Every system call goes to the failure label when the kernel refuses it, unless the call says
/// otherwise; so a step that is not followed by a word about errors is one that must succeed. Not
/// thread-safe.
public final class ProgramBuilder {

    /// An operation while addresses are unknown.
    static final class Draft {
        final Step step;
        final int kind;
        final int number;
        final Argument[] arguments;
        Argument store = NONE;
        Label jump;

        Draft(Step step, int kind, int number, Argument[] arguments, Label jump) {
            this.step = step;
            this.kind = kind;
            this.number = number;
            this.arguments = arguments;
            this.jump = jump;
        }

        /// Stores the result at `place`.
        Draft store(Argument place) {
            store = place;
            return this;
        }
    }

    /// What a call does with its result; the default is: forget it, and fail on error.
    public static final class Outcome {
        private final Draft draft;

        private Outcome(Draft draft) {
            this.draft = draft;
        }

        /// Stores the 8 bytes of the result at `place`.
        public Outcome store(Address place) {
            draft.store = place;
            return this;
        }

        /// Stores the 8 bytes of the result at an absolute address.
        public Outcome store(Constant place) {
            draft.store = place;
            return this;
        }

        /// Goes to `label` when the kernel refuses.
        public Outcome onError(Label label) {
            draft.jump = label;
            return this;
        }

        /// Goes on when the kernel refuses; the negative result is stored like any other.
        public Outcome orGoOn() {
            draft.jump = NOWHERE;
            return this;
        }
    }

    /// Where descriptors stand in a control message.
    static final int DESCRIPTORS = 16;

    private static final Constant NONE = new Constant(0);
    static final Label NOWHERE = new Label();

    private final CpuArchitecture cpu;
    private final Label failure;
    private final List<Draft> drafts = new ArrayList<>();
    private final Map<SetupStep, Integer> counts = new EnumMap<>(SetupStep.class);
    private final Map<String, Address> texts = new HashMap<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream(1024);
    private final List<Pointer> pointers = new ArrayList<>();
    private Step step = new Step(SetupStep.SUPERVISE, 1, "");

    /// A pointer that stands in the data.
    private record Pointer(int at, Argument to) {}

    /// An empty program for `cpu`.
    public ProgramBuilder(CpuArchitecture cpu) {
        this(cpu, new Label());
    }

    /// An empty program for `cpu` whose failures are told elsewhere.
    ProgramBuilder(CpuArchitecture cpu, Label failure) {
        this.cpu = cpu;
        this.failure = failure;
    }

    /// The operations that follow belong to this step.
    public void step(SetupStep kind, String detail) {
        step = new Step(kind, counts.merge(kind, 1, Integer::sum), detail);
    }

    /// Where calls go that the kernel refuses. To be placed by the caller.
    public Label failure() {
        return failure;
    }

    /// Adds a system call.
    public Outcome call(Call call, Argument... arguments) {
        Draft draft = new Draft(step, Interpreter.SYSCALL, call.number(cpu), arguments, failure);
        drafts.add(draft);
        return new Outcome(draft);
    }

    /// Goes to `label` if both are equal.
    public void jumpIfEqual(Argument left, Argument right, Label label) {
        drafts.add(new Draft(step, Interpreter.JEQ, 0, new Argument[] {left, right}, label));
    }

    /// Goes to `label` if `left` is less than `right`, both signed.
    public void jumpIfLess(Argument left, Argument right, Label label) {
        drafts.add(new Draft(step, Interpreter.JLT, 0, new Argument[] {left, right}, label));
    }

    /// Goes to `label`.
    public void jump(Label label) {
        jumpIfEqual(NONE, NONE, label);
    }

    /// Stores `left + right`.
    public void add(Argument left, Argument right, Argument store) {
        drafts.add(
                new Draft(step, Interpreter.ADD, 0, new Argument[] {left, right}, NOWHERE)
                        .store(store));
    }

    /// Stores `value`.
    public void set(Argument store, Argument value) {
        add(value, NONE, store);
    }

    /// Fails with `errno`, where no call of the kernel says so.
    public void fail(Errno errno) {
        Label here = new Label();
        place(here);
        set(number(Interpreter.RECORD), new Argument.Place(here));
        set(number(Interpreter.RECORD + 8), number(errno.negated()));
        jump(failure);
    }

    /// Where a call goes that may fail with one of `errors`: then on behind this, else to the
    /// failure label.
    public void forgive(Label problem, Errno... errors) {
        Label next = new Label();
        jump(next);
        place(problem);
        for (Errno error : errors) {
            jumpIfEqual(
                    new Argument.LoadedAbsolute(Interpreter.RECORD + 8),
                    number(error.negated()),
                    next);
        }
        jump(failure);
        place(next);
    }

    /// The next operation is where `label` stands.
    public void place(Label label) {
        label.place(drafts.size());
    }

    /// The address of a NUL-terminated text; equal texts share one.
    public Address text(String text) {
        return texts.computeIfAbsent(
                text,
                t -> {
                    byte[] bytes = t.getBytes(StandardCharsets.UTF_8);
                    Address address = new Address(data.size());
                    data.write(bytes, 0, bytes.length);
                    data.write(0);
                    return address;
                });
    }

    /// The address of a copy of `bytes`, aligned to 8.
    public Address bytes(byte[] bytes) {
        align();
        Address address = new Address(data.size());
        data.write(bytes, 0, bytes.length);
        return address;
    }

    /// The address of `count` zero bytes, aligned to 8.
    public Address zeros(int count) {
        return bytes(new byte[count]);
    }

    /// The address of 64-bit words; those that are addresses become pointers.
    public Address words(Argument... words) {
        ByteBuffer out = ByteBuffer.allocate(words.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        align();
        int start = data.size();
        for (int i = 0; i < words.length; i++) {
            if (words[i] instanceof Constant(long value)) {
                out.putLong(value);
            } else {
                pointers.add(new Pointer(start + i * 8, words[i]));
                out.putLong(0);
            }
        }
        return bytes(out.array());
    }

    /// The address of a struct msghdr (recvmsg(2)) for one message.
    ///
    /// @param payload where its bytes stand, or are to stand
    /// @param length how many
    /// @param control where its control message stands; 0: it has none
    /// @param controlLength how long that is, with its padding
    Address message(Argument payload, long length, Argument control, long controlLength) {
        Address vector = words(payload, number(length));
        return words(NONE, NONE, vector, number(1), control, number(controlLength), NONE);
    }

    /// The address of a control message that carries descriptors (unix(7)): they are 4 bytes each,
    /// from [#DESCRIPTORS] on. A result of a call is 8 bytes: each store clears the place of the
    /// next one, and there is room for that behind the last.
    ///
    /// @param count how many
    Address control(int count) {
        // struct cmsghdr { size_t cmsg_len; int cmsg_level; int cmsg_type; }
        Address control =
                words(
                        number(DESCRIPTORS + 4L * count),
                        number(SOL_SOCKET | (long) SCM_RIGHTS << 32));
        zeros(4 * (count + 1));
        return control;
    }

    /// How long a control message with descriptors is, padded to 8.
    static int controlLength(int count) {
        return DESCRIPTORS + (4 * count + 7) / 8 * 8;
    }

    /// The address of a struct clone_args (clone(2)): of a child whose end is told by SIGCHLD.
    ///
    /// @param pidfd where the kernel stores a pidfd of it; 0: nowhere
    Address cloneArguments(long flags, Argument pidfd) {
        return words(
                number(flags),
                pidfd,
                NONE,
                NONE,
                number(SIGCHLD),
                NONE,
                NONE,
                NONE,
                NONE,
                NONE,
                NONE);
    }

    /// The address of a NULL-terminated array of pointers to texts.
    public Address textArray(List<String> texts) {
        Argument[] words = new Argument[texts.size() + 1];
        for (int i = 0; i < texts.size(); i++) {
            words[i] = text(texts.get(i));
        }
        words[texts.size()] = NONE;
        return words(words);
    }

    private void align() {
        while (data.size() % 8 != 0) {
            data.write(0);
        }
    }

    /// The program, laid out at `base` behind `header`, whose length must be a multiple of 8.
    public SyscallProgram build(byte[] header, int base) {
        int operationsAt = base + header.length;
        int dataAt = operationsAt + drafts.size() * Interpreter.OPERATION_SIZE;
        align();
        byte[] bytes = new byte[dataAt - base + data.size()];
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).put(header);
        List<Step> steps = new ArrayList<>(drafts.size());
        int end = base + bytes.length;
        for (Draft draft : drafts) {
            encode(draft, out, operationsAt, dataAt, end);
            steps.add(draft.step);
        }
        out.put(data.toByteArray());
        for (Pointer pointer : pointers) {
            long target = value(pointer.to, operationsAt, dataAt, end);
            out.putLong(dataAt - base + pointer.at, target);
        }
        return new SyscallProgram(
                cpu, base, header.length, steps, bytes, failure.address(operationsAt, end));
    }

    /// The layout is described at [Interpreter].
    private static void encode(Draft draft, ByteBuffer out, int operationsAt, int dataAt, int end) {
        int mask = 0;
        for (int i = 0; i < draft.arguments.length; i++) {
            Argument argument = draft.arguments[i];
            if (argument instanceof Argument.Loaded
                    || argument instanceof Argument.LoadedAbsolute) {
                mask |= 1 << i;
            }
        }
        out.putShort((short) draft.number).put((byte) draft.kind).put((byte) mask);
        out.putInt((int) value(draft.store, operationsAt, dataAt, end));
        for (int i = 0; i < Interpreter.ARGUMENT_COUNT; i++) {
            out.putLong(
                    i < draft.arguments.length
                            ? value(draft.arguments[i], operationsAt, dataAt, end)
                            : 0);
        }
        out.putInt(draft.jump == NOWHERE ? 0 : draft.jump.address(operationsAt, end)).putInt(0);
    }

    private static long value(Argument argument, int operationsAt, int dataAt, int end) {
        return switch (argument) {
            case Constant(long value) -> value;
            case Address(int offset) -> dataAt + offset;
            case Argument.Loaded(int offset) -> dataAt + offset;
            case Argument.LoadedAbsolute(int address) -> address;
            case Argument.Place(Label label) -> label.address(operationsAt, end);
        };
    }
}
