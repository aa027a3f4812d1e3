package io.cloister.samples.judge.run;

import io.cloister.samples.judge.box.Boxes;
import io.cloister.samples.judge.check.AnswerChecker;
import io.cloister.samples.judge.problem.Problem;
import io.cloister.samples.judge.problem.TestCase;
import io.cloister.samples.judge.problem.Validation;
import io.cloister.samples.judge.verdict.Allowance;
import io.cloister.samples.judge.verdict.Ending;
import io.cloister.samples.judge.verdict.Endings;
import io.cloister.samples.judge.verdict.Finding;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxResult;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;

/// Runs programs on tests. Thread-safe.
///
/// Each test gets a sandbox that was reset after the one before, with nothing in it but the
/// program. The program reads the input from a pipe; answers, other tests and the validator are
/// never in a sandbox of its own.
public final class Runner {
    private final Boxes boxes;

    /// Makes a runner.
    ///
    /// @param boxes where programs run
    public Runner(Boxes boxes) {
        this.boxes = boxes;
    }

    /// {@return what came of a program on a test}
    ///
    /// @param program the solution
    /// @param validator the compiled program of the problem, if it has one
    /// @param problem the problem
    /// @param test which of its tests
    /// @throws InterruptedException if the thread is interrupted; nothing goes on running
    /// @throws IOException if a file of the problem cannot be read
    public TestRun test(
            Program program, Optional<Program> validator, Problem problem, TestCase test)
            throws InterruptedException, IOException {
        return switch (problem.validation()) {
            case Validation.Interactor(_, var flags) ->
                    new Conversation(boxes, problem, test)
                            .run(program, validator.orElseThrow(), flags);
            case Validation.Compare(AnswerChecker checker) ->
                    alone(
                            program,
                            problem,
                            test,
                            output -> checker.compare(output, Files.readAllBytes(test.answer())));
            case Validation.Program(_, var flags) ->
                    alone(
                            program,
                            problem,
                            test,
                            output ->
                                    new OutputValidator(boxes, problem, test)
                                            .judge(validator.orElseThrow(), flags, output));
        };
    }

    private interface OutputJudge {
        Finding judge(byte[] output) throws InterruptedException, IOException;
    }

    private TestRun alone(Program program, Problem problem, TestCase test, OutputJudge judge)
            throws InterruptedException, IOException {
        Allowance allowed = Allowances.ofSolution(program.language(), problem.limits());
        SandboxResult result;
        try (SandboxPool.Lease lease = boxes.programs(program.language().syscalls()).lease()) {
            lease.files()
                    .copyIn(program.directory(), SandboxPath.of(Boxes.BOX), CopyOptions.defaults());
            Command command =
                    Command.of(program.language().run(problem.limits().memory()))
                            .stdin(test.input());
            result = lease.run(command, limits -> Allowances.alone(limits, allowed));
        }
        Ending ending = Ending.of(result);
        Finding finding = Endings.judge(ending, allowed);
        return new TestRun(
                finding.isAccepted() ? judge.judge(result.stdout()) : finding,
                ending.cpuTime(),
                ending.wallTime(),
                ending.memory().value());
    }
}
