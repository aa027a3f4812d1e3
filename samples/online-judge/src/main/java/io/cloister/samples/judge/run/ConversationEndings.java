package io.cloister.samples.judge.run;

import io.cloister.samples.judge.engine.HostFaultException;
import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.verdict.Allowance;
import io.cloister.samples.judge.verdict.Ending;
import io.cloister.samples.judge.verdict.Endings;
import io.cloister.samples.judge.verdict.Finding;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.PipelineOutcome;
import io.cloister.sandbox.Signal;

import java.time.Duration;

/// What the end of a conversation means. Pure.
///
/// - Both waited for each other: time limit exceeded, since nothing could ever happen again. So it
///   is if the interactor waited for longer than the solution may compute.
/// - A solution that ends before the interactor is done, which then dies of the broken pipe: wrong
///   answer.
/// - The interactor said no: wrong answer, if the solution ended by itself at about that time; one
///   that finds nobody at the other end of its pipe often fails. Which of two such ends was first
///   is not told reliably on a busy host. What a refusal does not bring about, such as a fault or a
///   limit, is the solution's own, unless the interactor was clearly earlier.
/// - Else a solution that failed by itself has failed, whatever the interactor made of it.
/// - Else the interactor decides.
///
/// @param allowed what the solution was allowed
/// @param lastWords the last messages, for people
record ConversationEndings(Allowance allowed, String lastWords) {
    private static final Outcome REFUSED = new Outcome.Exited(ValidatorEndings.WRONG);
    private static final Outcome BROKEN_PIPE = new Outcome.Signalled(Signal.PIPE);
    private static final Outcome IDLE = new Outcome.LimitReached(Limit.IDLE);
    private static final Duration CLEARLY = Duration.ofMillis(500);

    /// @param outcome how the conversation ended
    /// @param solution how the solution ended
    /// @param interactor how the interactor ended
    /// @param errors what the interactor wrote to standard error
    Finding judge(PipelineOutcome outcome, Ending solution, Ending interactor, String errors) {
        return switch (outcome) {
            case PipelineOutcome.Deadlocked _ ->
                    said(
                            new Finding(
                                    Verdict.TLE, "waited for the interactor, which waited for it"));
            case PipelineOutcome.EdgeCapExceeded(var edge, var cap)
                    when edge.from().equals(Conversation.SOLUTION) ->
                    new Finding(Verdict.OLE, "wrote more than %s to the interactor".formatted(cap));
            case PipelineOutcome.EdgeCapExceeded(_, var cap) ->
                    new Finding(
                            Verdict.IE,
                            "the interactor wrote more than %s to the solution".formatted(cap));
            case PipelineOutcome.Completed _, PipelineOutcome.StageEndedFirst _ ->
                    said(ended(solution, interactor, errors));
            case PipelineOutcome.Cancelled _, PipelineOutcome.Interrupted _ ->
                    throw new HostFaultException("the conversation was cancelled");
        };
    }

    private Finding ended(Ending solution, Ending interactor, String errors) {
        if (interactor.outcome().equals(IDLE)) {
            return new Finding(Verdict.TLE, "let the interactor wait without end");
        }
        Finding own = Endings.judge(solution, allowed);
        if (own.isAccepted() && interactor.outcome().equals(BROKEN_PIPE)) {
            return new Finding(Verdict.WA, "ended before the interactor was done");
        }
        boolean refused =
                interactor.outcome().equals(REFUSED)
                        && (mayFollowFromRefusal(solution.outcome())
                                ? !isClearlyEarlier(solution, interactor)
                                : isClearlyEarlier(interactor, solution));
        return own.isAccepted() || refused
                ? ValidatorEndings.judge(interactor.outcome(), errors, "")
                : own;
    }

    private static boolean mayFollowFromRefusal(Outcome outcome) {
        return outcome instanceof Outcome.Exited || outcome.equals(BROKEN_PIPE);
    }

    private static boolean isClearlyEarlier(Ending one, Ending other) {
        return one.wallTime().plus(CLEARLY).compareTo(other.wallTime()) < 0;
    }

    private Finding said(Finding finding) {
        return finding.isAccepted() || lastWords.isEmpty()
                ? finding
                : new Finding(finding.verdict(), finding.cause(), "last messages: " + lastWords);
    }
}
