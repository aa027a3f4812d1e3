package io.cloister.samples.judge.run;

import io.cloister.samples.judge.box.Boxes;
import io.cloister.samples.judge.problem.Problem;
import io.cloister.samples.judge.problem.TestCase;
import io.cloister.samples.judge.verdict.Allowance;
import io.cloister.samples.judge.verdict.Finding;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxFiles;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.VisibleText;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/// Judges an output with the validator of the problem, by the convention of ICPC packages: it is
/// called with the input, the answer and a directory for feedback, reads the output from standard
/// input, and ends with 42 for yes and 43 for no. It may write a message to `teammessage.txt`.
///
/// It is trusted, but what it reads is not: so it has a sandbox, too, one that no submission gets
/// before or after it.
final class OutputValidator {
    /// Names in the sandbox of a validator.
    static final String INPUT = "/tmp/test.in";

    static final String ANSWER = "/tmp/test.ans";
    static final String FEEDBACK = "/tmp/feedback";

    private static final String MESSAGE = FEEDBACK + "/teammessage.txt";
    private static final Bytes LONGEST_MESSAGE = Bytes.kibibytes(64);
    private static final int SHOWN = 300;

    /// What the validator can do to its message.
    private static final Set<Reason> UNREADABLE =
            Set.of(Reason.TOO_LARGE, Reason.LINK, Reason.NOT_REGULAR, Reason.IS_DIRECTORY);

    private final Boxes boxes;
    private final Problem problem;
    private final TestCase test;

    OutputValidator(Boxes boxes, Problem problem, TestCase test) {
        this.boxes = boxes;
        this.problem = problem;
        this.test = test;
    }

    /// The command of a validator.
    static Command command(Program validator, Allowance allowed, List<String> flags) {
        return Command.of(validator.language().run(allowed.ofProblem()))
                .args(INPUT, ANSWER, FEEDBACK + "/")
                .args(flags.toArray(String[]::new));
    }

    Finding judge(Program validator, List<String> flags, byte[] output)
            throws InterruptedException {
        Allowance allowed = Allowances.ofValidator(validator.language(), problem.limits());
        try (SandboxPool.Lease lease = boxes.validators(validator.language().syscalls()).lease()) {
            SandboxFiles files = lease.files();
            files.copyIn(validator.directory(), SandboxPath.of(Boxes.BOX), CopyOptions.defaults());
            files.write(INPUT, test.input());
            files.write(ANSWER, test.answer());
            files.createDirectories(FEEDBACK);
            SandboxResult result =
                    lease.run(
                            command(validator, allowed, flags).stdin(output),
                            limits -> Allowances.alone(limits, allowed));
            return ValidatorEndings.judge(result.outcome(), result.stderrText(), message(files));
        }
    }

    /// It may have echoed an output, so it may be anything.
    private static String message(SandboxFiles files) {
        if (!files.exists(MESSAGE)) {
            return "";
        }
        try {
            String text = new String(files.read(MESSAGE, LONGEST_MESSAGE), StandardCharsets.UTF_8);
            return VisibleText.line(text.strip(), SHOWN);
        } catch (SandboxFileException e) {
            if (UNREADABLE.contains(e.reason())) {
                return "its message cannot be read: " + e.reason();
            }
            throw e;
        }
    }
}
