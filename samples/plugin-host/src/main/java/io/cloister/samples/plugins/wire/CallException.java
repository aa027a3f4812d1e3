package io.cloister.samples.plugins.wire;

/// A call brought no value. Texts of the other end in it are bounded and visible.
public class CallException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// @param message what was called, and what came of it
    public CallException(String message) {
        super(message);
    }

    /// The method threw an exception there.
    public static final class Failed extends CallException {
        private static final long serialVersionUID = 1;
        private final String type;

        Failed(String operation, Fault fault) {
            super(
                    "%s failed: %s: %s"
                            .formatted(
                                    operation,
                                    Text.visible(fault.type()),
                                    Text.visible(fault.message())));
            this.type = Text.visible(fault.type());
        }

        /// {@return the name of the class of the exception, as the other end says}
        public String type() {
            return type;
        }
    }

    /// The answer was no value of the method's type.
    public static final class BadReply extends CallException {
        private static final long serialVersionUID = 1;

        BadReply(String operation, String problem) {
            super("%s was answered with what is no such value: %s".formatted(operation, problem));
        }
    }

    /// There was no answer in time. The other end was told that nobody waits any more.
    public static final class TimedOut extends CallException {
        private static final long serialVersionUID = 1;

        TimedOut(String operation, long millis) {
            super("%s was not answered within %d ms".formatted(operation, millis));
        }
    }

    /// The calling thread was interrupted; it stays so. The other end was told.
    public static final class Cancelled extends CallException {
        private static final long serialVersionUID = 1;

        Cancelled(String operation) {
            super("%s was cancelled by an interrupt of its thread".formatted(operation));
        }
    }

    /// The connection ended before the answer came.
    public static final class Lost extends CallException {
        private static final long serialVersionUID = 1;

        Lost(String operation, String reason) {
            super("%s was not answered: %s".formatted(operation, reason));
        }
    }
}
