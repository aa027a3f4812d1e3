package io.cloister.samples.build.step;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.VisibleText;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// Runs the steps of a file: those that do not need each other at once.
public final class StepRunner {
    private static final int LONGEST = 2000;
    private static final int MOST_DROPPED = 20;

    private final Path root;
    private final Path cacheDirectory;
    private final StepCache cache;
    private final Consumer<String> said;
    private final String host;
    private final Semaphore processors =
            new Semaphore(Runtime.getRuntime().availableProcessors(), true);

    /// @param root to which all paths of the steps are relative
    /// @param cache the directory of the cache
    /// @param cacheSize what it may hold
    /// @param said gets a line for all that happens; safe for a terminal
    /// @throws IOException if there can be no cache
    public StepRunner(Path root, Path cache, Bytes cacheSize, Consumer<String> said)
            throws IOException {
        this.root = root.toRealPath();
        this.said = line -> said.accept(VisibleText.line(line, LONGEST));
        this.cache = new StepCache(cache, cacheSize, this.said);
        this.cacheDirectory = cache.toRealPath();
        this.host = HostIdentity.read();
    }

    /// Runs steps, and those that they need.
    ///
    /// @param steps all there are
    /// @param wanted names; empty: all
    /// @return how each ended
    /// @throws IllegalArgumentException if they cannot be put into an order
    public Map<String, StepEnd> run(Map<String, Step> steps, List<String> wanted) {
        StepGraph graph = StepGraph.of(steps, wanted);
        Map<String, CompletableFuture<StepEnd>> ends = new LinkedHashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            graph.ordered()
                    .forEach((name, step) -> {
                        Map<String, CompletableFuture<StepEnd>> needs = new LinkedHashMap<>();
                        step.needs().forEach(it -> needs.put(it, ends.get(it)));
                        ends.put(
                                name,
                                CompletableFuture.supplyAsync(
                                        () -> end(name, step, needs, graph), threads));
                    });
        }
        Map<String, StepEnd> all = new LinkedHashMap<>();
        ends.forEach((name, end) -> all.put(name, end.join()));
        return all;
    }

    private StepEnd end(
            String name,
            Step step,
            Map<String, CompletableFuture<StepEnd>> needs,
            StepGraph graph) {
        Optional<String> failed =
                needs.keySet().stream().filter(it -> !needs.get(it).join().isSuccess()).findFirst();
        if (failed.isPresent()) {
            said.accept("%s: skipped, since %s failed".formatted(name, failed.get()));
            return new StepEnd.Skipped(failed.get());
        }
        try {
            processors.acquire();
            try {
                return run(name, step, graph);
            } finally {
                processors.release();
            }
        } catch (IOException
                | UncheckedIOException
                | IllegalArgumentException
                | SandboxException e) {
            // The message of many an IOException is a path alone.
            boolean isInput = e instanceof IOException || e.getMessage() == null;
            String why = isInput ? e.toString() : e.getMessage();
            said.accept("%s: failed: %s".formatted(name, why));
            return new StepEnd.Failed(why);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new StepEnd.Failed("interrupted");
        }
    }

    private StepEnd run(String name, Step step, StepGraph graph)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        List<String> declared = new ArrayList<>(step.inputs());
        step.needs().forEach(it -> declared.addAll(graph.ordered().get(it).outputs()));
        step.outputs().forEach(this::check);
        List<InputFile> inputs = InputFile.of(root, declared);
        try (StepSandbox sandbox = new StepSandbox(step)) {
            String key = StepKey.of(step, inputs, tools(step), sandbox.policy(), host);
            Optional<Path> earlier = cache.find(key);
            if (earlier.isPresent()) {
                publish(name, step, earlier.get());
                said.accept("%s: from the cache".formatted(name));
                return new StepEnd.Restored();
            }
            said.accept("%s: runs with %d input files".formatted(name, inputs.size()));
            Path directory = cache.begin();
            try {
                StepEnd end = sandbox.run(root, inputs, directory);
                if (!InputFile.of(root, declared).equals(inputs)) {
                    end = new StepEnd.Failed("its inputs were changed while it ran");
                }
                if (end instanceof StepEnd.Made(var dropped)) {
                    publish(name, step, cache.store(key, directory));
                    dropped.stream()
                            .limit(MOST_DROPPED)
                            .forEach(it ->
                                    said.accept(
                                            "%s: dropped, not declared: %s".formatted(name, it)));
                    if (dropped.size() > MOST_DROPPED) {
                        said.accept(
                                "%s: dropped, not declared: %d more"
                                        .formatted(name, dropped.size() - MOST_DROPPED));
                    }
                    Duration time = Duration.ofNanos(System.nanoTime() - start);
                    said.accept("%s: done in %d ms".formatted(name, time.toMillis()));
                } else if (end instanceof StepEnd.Failed(String why)) {
                    replay(name, directory);
                    said.accept("%s: failed: %s".formatted(name, why));
                }
                return end;
            } finally {
                Trees.delete(directory);
            }
        }
    }

    /// Puts the outputs of an entry of the cache to their places, and says what the step said.
    private void publish(String name, Step step, Path entry) throws IOException {
        for (String output : step.outputs()) {
            Trees.replace(entry.resolve("outputs").resolve(output), root, output);
        }
        replay(name, entry);
    }

    private void check(String output) {
        Trees.refuseLinks(root, output);
        Path place = root.resolve(output);
        if (cacheDirectory.startsWith(place) || place.startsWith(cacheDirectory)) {
            throw new IllegalArgumentException(
                    "output %s would replace the cache %s".formatted(output, cacheDirectory));
        }
    }

    private void replay(String name, Path directory) throws IOException {
        for (String stream : List.of("stdout", "stderr")) {
            Path file = directory.resolve(stream);
            if (Files.exists(file)) {
                String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
                text.lines().forEach(line -> said.accept("%s | %s".formatted(name, line)));
            }
        }
    }

    private static Map<String, String> tools(Step step) throws IOException {
        Map<String, String> tools = new TreeMap<>();
        for (String tool : step.tools()) {
            tools.put(tool, Digest.of(Path.of(tool).toRealPath()));
        }
        return tools;
    }
}
