package io.cloister.sandbox.linux.program;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;

/// A syscall program and its variables, written byte by byte as the tables of [Interpreter] say; so
/// it shares no code with the encoder of real programs.
final class TestProgram {
    static final int MEMORY_SIZE = 0x20000;

    final CpuArchitecture architecture;
    final Calls calls;
    private final ByteBuffer data = ByteBuffer.allocate(0x2000).order(ByteOrder.LITTLE_ENDIAN);
    private int here = Interpreter.PROGRAM_START;
    private int nextVariable = Interpreter.DATA + 0x1800;

    TestProgram(CpuArchitecture architecture) {
        this.architecture = architecture;
        this.calls = Calls.of(architecture);
    }

    byte[] image() {
        return ElfImage.build(architecture, data.array(), MEMORY_SIZE);
    }

    /// Returns the address of the next operation.
    int here() {
        return here;
    }

    /// Returns the address of 8 new bytes with this value.
    int variable(long value) {
        int address = nextVariable;
        data.putLong(address - Interpreter.DATA, value);
        nextVariable += Long.BYTES;
        return address;
    }

    /// Returns the address of these characters.
    int text(String text) {
        int address = nextVariable;
        data.put(address - Interpreter.DATA, text.getBytes(US_ASCII));
        nextVariable += (text.length() + 7) / 8 * 8;
        return address;
    }

    long[] longsAt(int address, int count) {
        return IntStream.range(0, count)
                .mapToLong(i -> data.getLong(address - Interpreter.DATA + 8 * i))
                .toArray();
    }

    Operation call(int number, long... arguments) {
        Operation operation = add(Interpreter.SYSCALL, arguments);
        data.putShort(operation.offset(), (short) number);
        return operation;
    }

    Operation add(int kind, long... arguments) {
        Operation operation = new Operation(data, here);
        data.put(operation.offset() + 2, (byte) kind);
        for (int i = 0; i < arguments.length; i++) {
            operation.argument(i, arguments[i]);
        }
        here += Interpreter.OPERATION_SIZE;
        return operation;
    }

    void write(long address, long size) {
        call(calls.write(), 1, address, size);
    }

    void exit(int code) {
        call(calls.exitGroup(), code);
    }

    /// Writes "1" to standard output if an operation of this kind jumps, else "0".
    void writeWhetherJumped(int kind, long first, long second) {
        Operation jump = add(kind, first, second);
        write(text("0"), 1);
        Operation end = add(Interpreter.JEQ, 0, 0);
        jump.jumpsTo(here());
        write(text("1"), 1);
        end.jumpsTo(here());
    }

    /// The numbers of the system calls the programs make.
    record Calls(
            int read,
            int write,
            int close,
            int openat,
            int lseek,
            int mmap,
            int cloneCall,
            int wait4,
            int exitGroup) {
        static Calls of(CpuArchitecture architecture) {
            return switch (architecture) {
                case X86_64 -> new Calls(0, 1, 3, 257, 8, 9, 56, 61, 231);
                case AARCH64 -> new Calls(63, 64, 57, 56, 62, 222, 220, 260, 94);
            };
        }
    }

    /// One operation of the program, changed in place.
    record Operation(ByteBuffer data, int address) {
        int offset() {
            return address - Interpreter.DATA;
        }

        Operation argument(int index, long value) {
            data.putLong(offset() + Interpreter.ARGUMENTS_OFFSET + 8 * index, value);
            return this;
        }

        Operation loads(int... indexes) {
            int mask = 0;
            for (int index : indexes) {
                mask |= 1 << index;
            }
            data.put(offset() + 3, (byte) mask);
            return this;
        }

        Operation storesAt(int place) {
            data.putInt(offset() + 4, place);
            return this;
        }

        Operation jumpsTo(int target) {
            data.putInt(offset() + Interpreter.JUMP_OFFSET, target);
            return this;
        }
    }
}
