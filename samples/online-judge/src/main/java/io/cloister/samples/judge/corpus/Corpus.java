package io.cloister.samples.judge.corpus;

import io.cloister.samples.judge.engine.Judgement;
import io.cloister.samples.judge.engine.Progress;
import io.cloister.samples.judge.engine.SandboxJudge;
import io.cloister.samples.judge.engine.Verdict;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// Judges all submissions of the problem packages and compares their verdicts with those they
/// should have. Exit status 1 if one differs.
@Command(
        name = "corpus",
        mixinStandardHelpOptions = true,
        description = "Judges the submissions of the problem packages, whose verdicts are known.")
public final class Corpus implements Callable<Integer> {
    @Mixin private JudgeOptions judge = new JudgeOptions();

    @Option(
            names = "--times",
            paramLabel = "NUMBER",
            description = "how often in a row (default: ${DEFAULT-VALUE})")
    private int times = 1;

    @Option(
            names = "--parallel",
            paramLabel = "NUMBER",
            description =
                    "how many submissions at the same time, of which no more run than there are"
                            + " slots (default: ${DEFAULT-VALUE})")
    private int parallel = 2;

    @Option(
            names = "--only",
            paramLabel = "TEXT",
            description = "those alone that have it in their name, such as sum/attacks/")
    private String only = "";

    @Option(names = "--verbose", description = "one line for each submission, with the cause")
    private boolean verbose;

    private Corpus() {}

    /// Runs the command.
    ///
    /// @param args the options
    public static void main(String[] args) {
        System.exit(
                new CommandLine(new Corpus()).addSubcommand("spread", new Spread()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        return judge.use(this::judgeAll);
    }

    private int judgeAll(SandboxJudge its) throws InterruptedException {
        List<KnownSubmission> all =
                its.problems().stream()
                        .flatMap(id ->
                                KnownSubmission.of(its.problem(id), its.languagesOfHost()).stream())
                        .filter(known -> known.name().contains(only))
                        .toList();
        int mismatches = 0;
        for (int time = 1; time <= times; time++) {
            long start = System.nanoTime();
            List<Judged> judged = judgeOnce(its, all, parallel, this::tell);
            List<Judged> wrong = judged.stream().filter(one -> !one.isAsExpected()).toList();
            mismatches += wrong.size();
            System.out.print(table(judged));
            System.out.printf(
                    "%d submissions in %.0f s, %d at a time: %d not as expected (round %d of %d)%n",
                    judged.size(),
                    (System.nanoTime() - start) / 1e9,
                    parallel,
                    wrong.size(),
                    time,
                    times);
        }
        return mismatches == 0 && !all.isEmpty() ? 0 : 1;
    }

    private void tell(Judged one, int done, int of) {
        if (!one.isAsExpected()) {
            System.out.printf("%nMISMATCH %s%n", one.line());
        } else if (verbose) {
            System.out.println(one.line());
        } else {
            System.err.printf("\r%d of %d ", done, of);
            System.err.print(done == of ? "\r" : "");
        }
    }

    /// Is told of each submission that has been judged.
    interface Watcher {
        /// One more is done.
        ///
        /// @param one what came of it
        /// @param done how many are
        /// @param of how many there are
        void judged(Judged one, int done, int of);
    }

    /// A submission and what came of it.
    record Judged(KnownSubmission known, Judgement judgement) {
        boolean isAsExpected() {
            return known.expected().contains(judgement.verdict());
        }

        /// For people.
        String line() {
            return "%-3s (%s) %s: %d ms, %d MiB: %s"
                    .formatted(
                            judgement.verdict(),
                            known.expected().stream()
                                    .map(Verdict::name)
                                    .collect(Collectors.joining(" or ")),
                            known.name(),
                            judgement.cpuTime().toMillis(),
                            judgement.memoryBytes() >> 20,
                            judgement.cause());
        }
    }

    /// Judges each submission once, so many at a time.
    static List<Judged> judgeOnce(
            SandboxJudge judge, List<KnownSubmission> all, int parallel, Watcher watcher)
            throws InterruptedException {
        Queue<KnownSubmission> left = new ConcurrentLinkedQueue<>(all);
        Queue<Judged> judged = new ConcurrentLinkedQueue<>();
        AtomicInteger done = new AtomicInteger();
        Callable<Void> worker =
                () -> {
                    for (KnownSubmission next; (next = left.poll()) != null; ) {
                        Judged one =
                                new Judged(next, judge.judge(next.submission(), Progress.silent()));
                        judged.add(one);
                        synchronized (judged) {
                            watcher.judged(one, done.incrementAndGet(), all.size());
                        }
                    }
                    return null;
                };
        List<Callable<Void>> workers = new ArrayList<>();
        for (int i = 0; i < parallel; i++) {
            workers.add(worker);
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> ended : threads.invokeAll(workers)) {
                ended.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a submission could not be judged", e.getCause());
        }
        return judged.stream().sorted(Comparator.comparing(one -> one.known().name())).toList();
    }

    /// How many of each problem had which verdict.
    private static String table(List<Judged> judged) {
        Map<String, Map<Verdict, Long>> counts =
                judged.stream()
                        .collect(
                                Collectors.groupingBy(
                                        one -> one.known().submission().problem(),
                                        TreeMap::new,
                                        Collectors.groupingBy(
                                                one -> one.judgement().verdict(),
                                                Collectors.counting())));
        StringBuilder table = new StringBuilder("%-16s".formatted(""));
        for (Verdict verdict : Verdict.values()) {
            table.append("%5s".formatted(verdict));
        }
        counts.forEach((problem, verdicts) -> {
            table.append("%n%-16s".formatted(problem));
            for (Verdict verdict : Verdict.values()) {
                table.append("%5d".formatted(verdicts.getOrDefault(verdict, 0L)));
            }
        });
        return table.append(System.lineSeparator()).toString();
    }
}
