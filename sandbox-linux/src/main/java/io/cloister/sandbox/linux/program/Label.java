package io.cloister.sandbox.linux.program;

/// A place in a program that operations jump to. It is placed once, before or after the jumps.
public final class Label {
    private static final int END = -1;

    private final int absolute;
    private int position = -1;

    /// A label that is not placed yet.
    public Label() {
        this(0);
    }

    private Label(int absolute) {
        this.absolute = absolute;
    }

    /// The place behind the last byte of the program, where another one may follow.
    static Label end() {
        return new Label(END);
    }

    /// A label outside the program, at an address that is known.
    public static Label at(int address) {
        return new Label(address);
    }

    /// The address, when the program's first operation stands at `start`, and its last byte before
    /// `end`.
    int address(int start, int end) {
        if (absolute == END) {
            return end;
        }
        return absolute != 0 ? absolute : start + position() * Interpreter.OPERATION_SIZE;
    }

    void place(int operation) {
        if (position >= 0) {
            throw new IllegalStateException("label placed twice, at " + position);
        }
        position = operation;
    }

    private int position() {
        if (position < 0) {
            throw new IllegalStateException("label never placed");
        }
        return position;
    }
}
