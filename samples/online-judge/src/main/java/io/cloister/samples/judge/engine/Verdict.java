package io.cloister.samples.judge.engine;

/// What a judge says of a submission, or of one test of it.
public enum Verdict {
    /// Accepted: every answer is right.
    AC,
    /// Wrong answer.
    WA,
    /// Presentation error: the right words, with white space where it must not be.
    PE,
    /// Time limit exceeded.
    TLE,
    /// Memory limit exceeded.
    MLE,
    /// Output limit exceeded.
    OLE,
    /// Run-time error: a signal, or an exit status other than 0.
    RE,
    /// Compile error.
    CE,
    /// Security violation: the program made a forbidden system call.
    SV,
    /// Internal error: the judge's fault, not the program's.
    IE
}
