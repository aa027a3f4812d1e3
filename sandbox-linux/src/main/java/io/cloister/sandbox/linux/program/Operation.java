package io.cloister.sandbox.linux.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// One operation as the interpreter reads it; [Interpreter] has the layout.
///
/// @param number the system call number
/// @param kind [Interpreter#SYSCALL], [Interpreter#JEQ], [Interpreter#JLT] or [Interpreter#ADD]
/// @param mask bit i: argument i is an address to load 8 bytes from
/// @param store where the result goes; 0: nowhere
/// @param arguments six arguments
/// @param jump the address of the operation to go on at; 0: none
public record Operation(int number, int kind, int mask, int store, List<Long> arguments, int jump) {

    /// Six arguments, always.
    public Operation {
        arguments = List.copyOf(arguments);
        if (arguments.size() != Interpreter.ARGUMENT_COUNT) {
            throw new IllegalArgumentException("arguments must be 6, were " + arguments.size());
        }
    }

    /// The operations in `bytes`, which holds nothing else.
    public static List<Operation> decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        List<Operation> operations = new ArrayList<>();
        while (in.hasRemaining()) {
            int number = Short.toUnsignedInt(in.getShort());
            int kind = Byte.toUnsignedInt(in.get());
            int mask = Byte.toUnsignedInt(in.get());
            int store = in.getInt();
            List<Long> arguments = new ArrayList<>();
            for (int i = 0; i < Interpreter.ARGUMENT_COUNT; i++) {
                arguments.add(in.getLong());
            }
            int jump = in.getInt();
            in.getInt();
            operations.add(new Operation(number, kind, mask, store, arguments, jump));
        }
        return operations;
    }
}
