package io.cloister.sandbox.linux.program;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Prints a program the way strace prints what ran: read back from the encoded operations, so that
/// what is shown is what the interpreter gets.
public final class ProgramPrinter {

    /// Longer texts are cut.
    private static final int TEXT_SHOWN = 120;

    private final SyscallProgram program;
    private final List<Operation> operations;
    private final byte[] data;
    private final Map<Integer, Call> calls = new HashMap<>();
    private final Map<Integer, Integer> targets = new HashMap<>();

    private ProgramPrinter(SyscallProgram program) {
        this.program = program;
        operations = program.operations();
        data = program.data();
        for (Call call : Call.values()) {
            calls.put(call.number(program.cpu()), call);
        }
        for (int i = 0; i < operations.size(); i++) {
            targets.put(program.start() + i * Interpreter.OPERATION_SIZE, i);
        }
    }

    /// The listing, one line for a step and one for each of its operations.
    public static String print(SyscallProgram program) {
        return new ProgramPrinter(program).print();
    }

    private String print() {
        StringBuilder out = new StringBuilder();
        Step shown = null;
        for (int i = 0; i < operations.size(); i++) {
            Step step = program.steps().get(i);
            if (step != shown) {
                out.append(step.kind().label()).append(" #").append(step.index());
                if (!step.detail().isEmpty()) {
                    out.append(" (").append(escape(step.detail())).append(')');
                }
                out.append('\n');
                shown = step;
            }
            out.append("  %3d  ".formatted(i)).append(line(operations.get(i)));
            out.append('\n');
        }
        return out.toString();
    }

    private String line(Operation operation) {
        List<Long> a = operation.arguments();
        return switch (operation.kind()) {
            case Interpreter.JEQ ->
                    "if %s == %s goto %s"
                            .formatted(
                                    plain(operation, 0),
                                    plain(operation, 1),
                                    target(operation.jump()));
            case Interpreter.JLT ->
                    "if %s < %s goto %s"
                            .formatted(
                                    plain(operation, 0),
                                    plain(operation, 1),
                                    target(operation.jump()));
            case Interpreter.ADD ->
                    a.get(1) == 0 && (operation.mask() & 2) == 0
                            ? "%s = %s".formatted(place(operation.store()), plain(operation, 0))
                            : "%s = %s + %s"
                                    .formatted(
                                            place(operation.store()),
                                            plain(operation, 0),
                                            plain(operation, 1));
            default -> syscall(operation);
        };
    }

    private String syscall(Operation operation) {
        Call call = calls.get(operation.number());
        if (call == null) {
            return "syscall_" + operation.number();
        }
        List<String> arguments = new ArrayList<>();
        for (int i = 0; i < call.kinds().size(); i++) {
            arguments.add(show(call.kinds().get(i), operation, i));
        }
        String text = call.label() + "(" + String.join(", ", arguments) + ")";
        if (operation.store() != 0) {
            text = place(operation.store()) + " = " + text;
        }
        return operation.jump() == 0 ? text : text + " or " + target(operation.jump());
    }

    private String show(Call.Kind kind, Operation operation, int index) {
        long value = operation.arguments().get(index);
        if ((operation.mask() >> index & 1) != 0) {
            return place((int) value);
        }
        return switch (kind) {
            case NUMBER -> Long.toString(value);
            case HEX -> value == 0 ? "0" : "0x" + Long.toHexString(value);
            case OCTAL -> "0" + Long.toOctalString(value);
            case DESCRIPTOR -> (value & 0xffffffffL) == 0xffffffffL ? "~0" : Long.toString(value);
            case DIRECTORY -> value == Linux.AT_FDCWD ? "AT_FDCWD" : Long.toString(value);
            case TEXT -> value == 0 ? "NULL" : text((int) value);
            case POINTER -> value == 0 ? "NULL" : place((int) value);
        };
    }

    private String plain(Operation operation, int index) {
        long value = operation.arguments().get(index);
        return (operation.mask() >> index & 1) != 0 ? place((int) value) : Long.toString(value);
    }

    private String target(int address) {
        Integer index = targets.get(address);
        return index == null ? "0x" + Integer.toHexString(address) : "@" + index;
    }

    private String place(int address) {
        int offset = address - program.dataAddress();
        return offset >= 0 && offset < data.length
                ? "[" + offset + "]"
                : "[0x" + Integer.toHexString(address) + "]";
    }

    private String text(int address) {
        int start = address - program.dataAddress();
        if (start < 0 || start >= data.length) {
            return "0x" + Integer.toHexString(address);
        }
        int end = start;
        while (end < data.length && data[end] != 0) {
            end++;
        }
        String text = new String(data, start, end - start, StandardCharsets.UTF_8);
        return '"'
                + escape(text.length() > TEXT_SHOWN ? text.substring(0, TEXT_SHOWN) + "..." : text)
                + '"';
    }

    /// Control characters as escapes, so that a listing can be shown on a terminal.
    private static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.chars()
                .forEach(c -> {
                    if (c == '\n') {
                        out.append("\\n");
                    } else if (c < ' ' || c == 0x7f || (c >= 0x80 && c < 0xa0)) {
                        out.append("\\x%02x".formatted(c));
                    } else {
                        out.append((char) c);
                    }
                });
        return out.toString();
    }
}
