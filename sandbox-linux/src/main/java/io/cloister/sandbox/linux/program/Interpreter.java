package io.cloister.sandbox.linux.program;

/// The interpreter of syscall programs: the only machine code of the sandbox, and the memory layout
/// it shares with the programs it runs.
///
/// # Operations
///
/// A program is a sequence of operations of [#OPERATION_SIZE] bytes, little endian:
///
/// | offset | type | field |
/// |---|---|---|
/// | 0 | u16 | system call number |
/// | 2 | u8 | kind |
/// | 3 | u8 | mask: bit i says that argument i is an address to load 8 bytes from |
/// | 4 | u32 | address where the 8 bytes of the result are stored; 0: nowhere |
/// | 8 | u64 x 6 | arguments |
/// | 56 | u32 | address of the operation to jump to; 0: none |
/// | 60 | u32 | not used |
///
/// | kind | what happens |
/// |---|---|
/// | [#SYSCALL] | the system call; see below |
/// | [#JEQ] | jumps if argument 0 equals argument 1 |
/// | [#JLT] | jumps if argument 0 is less than argument 1, both signed |
/// | [#ADD] | stores argument 0 plus argument 1, modulo 2^64 |
///
/// If a system call returns a value in -4095 to -1 (an error) and the operation has a jump, then
/// the address of the operation and the result are written to the record at [#RECORD], nothing is
/// stored, and the jump is taken. In every other case the result is stored and the next operation
/// follows. `JEQ` and `JLT` always have a jump and store nothing; `ADD` never jumps.
///
/// All addresses are below 2^31, since the image is loaded at a fixed place. The interpreter checks
/// nothing: a kind above [#ADD] acts as `ADD`, and a bad address ends the process with `SIGSEGV`.
///
/// # Why a fork needs no care
///
/// The interpreter has no stack and no memory of its own. Its state is the address of the current
/// operation, in a register that the kernel preserves over every system call. So both sides go on
/// after `clone3`, even with `CLONE_VM | CLONE_VFORK` and without a stack for the child; there the
/// result the child stores, 0, is overwritten by the parent with the child's pid.
public final class Interpreter {

    /// The size of an operation in bytes.
    public static final int OPERATION_SIZE = 64;

    /// The number of arguments of an operation.
    public static final int ARGUMENT_COUNT = 6;

    /// The offset of argument 0 in an operation; the others follow, 8 bytes each.
    public static final int ARGUMENTS_OFFSET = 8;

    /// The offset of the jump address in an operation.
    public static final int JUMP_OFFSET = 56;

    /// The kind of an operation that makes a system call.
    public static final int SYSCALL = 0;

    /// The kind of an operation that jumps if argument 0 equals argument 1.
    public static final int JEQ = 1;

    /// The kind of an operation that jumps if argument 0 is less than argument 1, both signed.
    public static final int JLT = 2;

    /// The kind of an operation that adds argument 0 and argument 1.
    public static final int ADD = 3;

    /// The address of the writable memory of the image. The caller's initial data stands here.
    public static final int DATA = 0x10010000;

    /// The address of the record of the last failed step: u64 address of the operation, s64 result.
    public static final int RECORD = DATA;

    /// The size of the room at [#RECORD], in bytes; the record itself takes 16 of them.
    public static final int RECORD_SIZE = 64;

    /// The address of the first operation that runs.
    public static final int PROGRAM_START = RECORD + RECORD_SIZE;

    private Interpreter() {}

    /// {@return the interpreter's code for `architecture`} It is entered at its first byte and can
    /// stand at any address.
    ///
    /// @param architecture the CPU that runs the code
    public static Listing listing(CpuArchitecture architecture) {
        return switch (architecture) {
            case X86_64 -> InterpreterX86_64.LISTING;
            case AARCH64 -> InterpreterAarch64.LISTING;
        };
    }
}
