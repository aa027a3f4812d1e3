package io.cloister.sandbox.linux.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The interpreter in Java, as [Interpreter] describes it, with a kernel that the test plays.
final class Machine {

    private static final int MOST_OPERATIONS = 100_000;
    private static final int SIZE = ZygoteProgram.MEMORY_SIZE;

    /// Answers the calls of a program.
    @FunctionalInterface
    interface Answers {
        /// A value, or a negated error number.
        long answer(Call call, long[] arguments);
    }

    /// One call that was made.
    record Made(Call call, List<Long> arguments, long result) {}

    private final CpuArchitecture cpu;
    private final Answers answers;
    private final Map<Integer, Call> calls = new HashMap<>();
    private final ByteBuffer memory = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    final List<Made> made = new ArrayList<>();

    Machine(CpuArchitecture cpu, Answers answers) {
        this.cpu = cpu;
        this.answers = answers;
        for (Call call : Call.values()) {
            calls.put(call.number(cpu), call);
        }
    }

    /// Puts a program where it belongs.
    Machine load(SyscallProgram program) {
        return load(program.base(), program.encode());
    }

    Machine load(int address, byte[] bytes) {
        memory.put(address - Interpreter.DATA, bytes);
        return this;
    }

    long word(long address) {
        return memory.getLong((int) address - Interpreter.DATA);
    }

    void set(long address, long value) {
        memory.putLong((int) address - Interpreter.DATA, value);
    }

    /// The `int` at `address`.
    int half(long address) {
        return memory.getInt((int) address - Interpreter.DATA);
    }

    byte[] bytes(long address, int length) {
        byte[] bytes = new byte[length];
        memory.get((int) address - Interpreter.DATA, bytes);
        return bytes;
    }

    /// The NUL-terminated text at `address`.
    String text(long address) {
        int start = (int) address - Interpreter.DATA;
        int end = start;
        while (memory.get(end) != 0) {
            end++;
        }
        return new String(memory.array(), start, end - start, StandardCharsets.UTF_8);
    }

    /// Runs until the program exits, and returns the code.
    long run(long address) {
        long at = address;
        for (int i = 0; i < MOST_OPERATIONS; i++) {
            byte[] bytes = new byte[Interpreter.OPERATION_SIZE];
            memory.get((int) at - Interpreter.DATA, bytes);
            Operation operation = Operation.decode(bytes).getFirst();
            long[] a = arguments(operation);
            long next = at + Interpreter.OPERATION_SIZE;
            long jump = Integer.toUnsignedLong(operation.jump());
            switch (operation.kind()) {
                case Interpreter.JEQ -> at = a[0] == a[1] ? jump : next;
                case Interpreter.JLT -> at = a[0] < a[1] ? jump : next;
                case Interpreter.ADD -> {
                    store(operation, a[0] + a[1]);
                    at = next;
                }
                default -> {
                    Call call = calls.get(operation.number());
                    long result = answers.answer(call, a);
                    made.add(new Made(call, box(a), result));
                    if (call == Call.EXIT_GROUP) {
                        return a[0];
                    }
                    if (result < 0 && result >= -4095 && jump != 0) {
                        set(Interpreter.RECORD, at);
                        set(Interpreter.RECORD + 8, result);
                        at = jump;
                    } else {
                        store(operation, result);
                        at = next;
                    }
                }
            }
        }
        throw new AssertionError("the program does not end on " + cpu);
    }

    private long[] arguments(Operation operation) {
        long[] a = new long[Interpreter.ARGUMENT_COUNT];
        for (int i = 0; i < a.length; i++) {
            long value = operation.arguments().get(i);
            a[i] = (operation.mask() >> i & 1) != 0 ? word(value) : value;
        }
        return a;
    }

    private void store(Operation operation, long value) {
        if (operation.store() != 0) {
            set(operation.store(), value);
        }
    }

    private static List<Long> box(long[] values) {
        List<Long> list = new ArrayList<>();
        for (long value : values) {
            list.add(value);
        }
        return list;
    }

    /// The calls that were made, in order.
    List<Call> calls() {
        return made.stream().map(Made::call).toList();
    }
}
