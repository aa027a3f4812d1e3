package io.cloister.sandbox.linux.program;

/// A place in a program that operations jump to. It is placed once, before or after the jumps.
public final class Label {
    private int position = -1;
    private final int absolute;

    /// A label that is not placed yet.
    public Label() {
        this(0);
    }

    private Label(int absolute) {
        this.absolute = absolute;
    }

    /// A label outside the program, at an address that is known.
    public static Label at(int address) {
        return new Label(address);
    }

    /// The address, when the program's first operation stands at `start`.
    int address(int start) {
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
