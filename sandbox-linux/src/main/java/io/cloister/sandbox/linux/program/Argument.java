package io.cloister.sandbox.linux.program;

/// An argument of an operation, before addresses are known.
public sealed interface Argument {

    /// A number, or an absolute address.
    record Constant(long value) implements Argument {}

    /// A place in the data of the program.
    record Address(int offset) implements Argument {

        /// The place `bytes` further.
        public Address plus(int bytes) {
            return new Address(offset + bytes);
        }

        /// The 8 bytes that stand here when the operation runs.
        public Loaded loaded() {
            return new Loaded(offset);
        }
    }

    /// The 8 bytes at a place of the data, loaded when the operation runs.
    record Loaded(int offset) implements Argument {}

    /// The 8 bytes at an absolute address, loaded when the operation runs.
    record LoadedAbsolute(int address) implements Argument {}

    /// The address of the operation at a label.
    record Place(Label label) implements Argument {}

    /// A number.
    static Constant number(long value) {
        return new Constant(value);
    }
}
