package io.cloister.sandbox;

/// A run was not started, since the [ResourceBudget] of its sandbox had no room for it in time.
///
/// The same run may be admitted later. One that the budget could never admit is refused with an
/// [IllegalArgumentException] when the sandbox is built.
public class BudgetExceededException extends SandboxException {
    private static final long serialVersionUID = 1L;

    /// Makes an exception.
    ///
    /// @param message what was asked, what was free, and how long the request waited
    public BudgetExceededException(String message) {
        super(message);
    }

    /// Makes an exception.
    ///
    /// @param message what was asked, what was free, and how long the request waited
    /// @param cause why the request did not wait longer
    public BudgetExceededException(String message, Throwable cause) {
        super(message, cause);
    }
}
