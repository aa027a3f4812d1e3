package io.cloister.samples.judge.corpus;

import io.cloister.samples.judge.engine.Judgement;
import io.cloister.samples.judge.engine.Progress;
import io.cloister.samples.judge.engine.SandboxJudge;
import io.cloister.samples.judge.engine.Submission;
import io.cloister.samples.judge.engine.Verdict;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/// Judges one submission many times while others are judged, and says how far its processor times
/// lie apart. The others are copies of it, so that they want what it wants.
@Command(
        name = "spread",
        mixinStandardHelpOptions = true,
        description = "Measures how steady the processor time of a submission is under load.")
final class Spread implements Callable<Integer> {
    private static final double GOAL = 1.15;
    private static final double MEDIAN = 0.5;
    private static final double HIGH = 0.95;

    @Mixin private JudgeOptions judge = new JudgeOptions();

    @Option(
            names = "--runs",
            paramLabel = "NUMBER",
            description = "how often it is judged under each load (default: ${DEFAULT-VALUE})")
    private int runs = 30;

    @Option(
            names = "--loads",
            paramLabel = "NUMBERS",
            split = ",",
            description = "how many others are judged meanwhile (default: ${DEFAULT-VALUE})")
    private List<Integer> loads = List.of(2, 4, 8);

    @Option(
            names = "--submission",
            paramLabel = "NAME",
            description = "which one, or a part of its name (default: ${DEFAULT-VALUE})")
    private String name = "sum/accepted/steady.c";

    @Override
    public Integer call() throws Exception {
        return judge.use(this::measure);
    }

    private int measure(SandboxJudge its) throws InterruptedException {
        KnownSubmission known =
                its.problems().stream()
                        .flatMap(id ->
                                KnownSubmission.of(its.problem(id), its.languagesOfHost()).stream())
                        .filter(one -> one.name().contains(name))
                        .findFirst()
                        .orElseThrow(() ->
                                new IllegalArgumentException("there is no submission " + name));
        System.out.println(known.name());
        boolean steady = true;
        for (int load : loads) {
            long[] micros = underLoad(its, known.submission(), load);
            Arrays.sort(micros);
            double ratio = (double) at(micros, HIGH) / at(micros, MEDIAN);
            steady &= ratio <= GOAL;
            System.out.printf(
                    "%2d loads, %d runs: p50 %.1f ms, p95 %.1f ms, p95/p50 %.3f (goal %.2f)%n",
                    load,
                    runs,
                    at(micros, MEDIAN) / 1000.0,
                    at(micros, HIGH) / 1000.0,
                    ratio,
                    GOAL);
        }
        return steady ? 0 : 1;
    }

    private static long at(long[] sorted, double part) {
        return sorted[(int) Math.ceil(part * sorted.length) - 1];
    }

    private long[] underLoad(SandboxJudge its, Submission submission, int load)
            throws InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        Thread[] others = new Thread[load];
        for (int i = 0; i < load; i++) {
            others[i] =
                    Thread.startVirtualThread(() -> {
                        while (!over.get()) {
                            try {
                                judgeOnce(its, submission);
                            } catch (InterruptedException | RuntimeException e) {
                                failure.set(e);
                                return;
                            }
                        }
                    });
        }
        long[] micros = new long[runs];
        try {
            for (int run = 0; run < runs; run++) {
                micros[run] = judgeOnce(its, submission).cpuTime().toNanos() / 1000;
                System.err.printf("\r%d of %d ", run + 1, runs);
            }
        } finally {
            System.err.print("\r");
            over.set(true);
            for (Thread other : others) {
                other.join();
            }
        }
        if (failure.get() != null) {
            throw new IllegalStateException("there was less load than wanted", failure.get());
        }
        return micros;
    }

    private static Judgement judgeOnce(SandboxJudge its, Submission submission)
            throws InterruptedException {
        Judgement judgement = its.judge(submission, Progress.silent());
        if (judgement.verdict() != Verdict.AC) {
            throw new IllegalStateException(
                    "it must be right, was " + judgement.verdict() + ": " + judgement.cause());
        }
        return judgement;
    }
}
