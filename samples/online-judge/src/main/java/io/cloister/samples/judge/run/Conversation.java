package io.cloister.samples.judge.run;

import io.cloister.samples.judge.box.Boxes;
import io.cloister.samples.judge.problem.Problem;
import io.cloister.samples.judge.problem.TestCase;
import io.cloister.samples.judge.verdict.Allowance;
import io.cloister.samples.judge.verdict.Ending;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Pipeline;
import io.cloister.sandbox.PipelineResult;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.Transcript;
import io.cloister.sandbox.VisibleText;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.Rlimit;

import java.time.Duration;
import java.util.List;

/// A solution and the interactor of its problem, each in a sandbox of its own, with two pipes
/// between them. Each sees its own program, read-only, and the interactor the test.
final class Conversation {
    static final String INTERACTOR = "interactor";
    static final String SOLUTION = "solution";

    /// Of what each writes.
    private static final Bytes TRANSCRIPT = Bytes.kibibytes(64);

    /// How long the interactor may wait beyond what the solution may compute twice. It is the one
    /// to be watched: a solution that waits may wait for an interactor that computes. That both
    /// wait for each other is not proven here: with a profile that ends runs the kernel does not
    /// tell a wait for the other from one for the answer of the filter.
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final int ENTRIES_SHOWN = 6;
    private static final int SHOWN = 60;

    private final Boxes boxes;
    private final Problem problem;
    private final TestCase test;

    Conversation(Boxes boxes, Problem problem, TestCase test) {
        this.boxes = boxes;
        this.problem = problem;
        this.test = test;
    }

    TestRun run(Program solution, Program interactor, List<String> flags)
            throws InterruptedException {
        Allowance allowed = Allowances.ofSolution(solution.language(), problem.limits());
        Allowance ofInteractor = Allowances.ofValidator(interactor.language(), problem.limits());
        try (Sandbox its =
                        box(interactor, ofInteractor)
                                .readOnly(test.input(), OutputValidator.INPUT)
                                .readOnly(test.answer(), OutputValidator.ANSWER)
                                .tmpfs(OutputValidator.FEEDBACK, Bytes.mebibytes(1))
                                .idleTimeLimit(allowed.cpuTime().multipliedBy(2).plus(PATIENCE))
                                .build();
                Sandbox box = box(solution, allowed).build()) {
            PipelineResult result =
                    Pipeline.dialogue(
                                    INTERACTOR,
                                    its,
                                    OutputValidator.command(interactor, ofInteractor, flags),
                                    SOLUTION,
                                    box,
                                    Command.of(solution.language().run(allowed.ofProblem())))
                            .edge(INTERACTOR, SOLUTION, this::bounded)
                            .edge(SOLUTION, INTERACTOR, this::bounded)
                            .build()
                            .run();
            Ending ending = Ending.of(result.stage(SOLUTION));
            return new TestRun(
                    new ConversationEndings(allowed, lastWords(result.transcript()))
                            .judge(
                                    result.outcome(),
                                    ending,
                                    Ending.of(result.stage(INTERACTOR)),
                                    result.stage(INTERACTOR).stderrText()),
                    ending.cpuTime(),
                    ending.wallTime(),
                    ending.memory().value());
        }
    }

    private Pipeline.Edge bounded(Pipeline.Edge edge) {
        return edge.transcript(TRANSCRIPT).cap(problem.limits().output());
    }

    private Sandbox.Builder box(Program program, Allowance allowed) {
        return boxes.policy(program.language().syscalls())
                .readOnly(program.directory(), Boxes.BOX)
                .memoryLimit(allowed.memory())
                .pidsLimit(allowed.processes())
                .cpuTimeLimit(allowed.cpuTime())
                .wallTimeLimit(allowed.wallTime())
                .outputLimit(allowed.output())
                .rlimit(Rlimit.STACK, Allowances.STACK.value())
                .bestEffort(
                        LimitItem.MEMORY, LimitItem.PIDS, LimitItem.CPU_TIME, LimitItem.IDLE_TIME);
    }

    /// The last messages that were kept, for people.
    private static String lastWords(Transcript transcript) {
        List<Transcript.Entry> entries = transcript.entries();
        StringBuilder words = new StringBuilder();
        for (Transcript.Entry entry :
                entries.subList(Math.max(0, entries.size() - ENTRIES_SHOWN), entries.size())) {
            words.append(entry.edge().from().equals(SOLUTION) ? " > " : " < ")
                    .append(VisibleText.line(entry.text().strip(), SHOWN));
        }
        return words.toString().strip();
    }
}
