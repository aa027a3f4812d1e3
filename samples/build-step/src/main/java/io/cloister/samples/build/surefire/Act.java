package io.cloister.samples.build.surefire;

import io.cloister.sandbox.VisibleText;

/// Something that a test tried and that no test needs.
///
/// @param kind what it was
/// @param value of what: a path, an address, a name, a command line
/// @param test the class that ran then, as far as Surefire had told; several where it may be each
record Act(Kind kind, String value, String test) {

    private static final int LONGEST = 300;

    /// Kinds, each with the words of the report.
    enum Kind {
        /// A file of the user, or one of the host with secrets, which exists and is not shown.
        READ("looked for a file of the host"),
        /// An address outside of the sandbox.
        DIAL("dialled out"),
        /// A name that only a name server could know.
        LOOKUP("looked up a name"),
        /// A process that was alive when the tests had ended.
        LEFT("left a process running"),
        /// A limit, or a forbidden call, that ended the run.
        ENDED("was ended");

        final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    /// Makes what the tests wrote harmless: bounded, and without control characters.
    Act {
        value = VisibleText.line(value, LONGEST);
        test = VisibleText.line(test, LONGEST);
    }

    @Override
    public String toString() {
        return "%s %s: %s"
                .formatted(test.isEmpty() ? "(no test class yet)" : test, kind.words, value);
    }
}
