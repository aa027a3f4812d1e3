package io.cloister.samples.build.step;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/// Steps in an order in which each stands behind those that it needs.
///
/// @param ordered names to steps
record StepGraph(Map<String, Step> ordered) {

    /// All steps of a file, or one and what it needs.
    ///
    /// @throws IllegalArgumentException for a step that is needed and missing, for a circle, for
    ///   two steps that make the same, and for one that makes what is declared as an input
    static StepGraph of(Map<String, Step> steps, List<String> wanted) {
        Map<String, Step> ordered = new LinkedHashMap<>();
        for (String name : wanted.isEmpty() ? steps.keySet() : wanted) {
            visit(name, "the command line", steps, new LinkedHashSet<>(), ordered);
        }
        checkOutputs(ordered);
        checkInputs(ordered);
        return new StepGraph(ordered);
    }

    private static void visit(
            String name,
            String who,
            Map<String, Step> steps,
            SequencedSet<String> way,
            Map<String, Step> ordered) {
        if (ordered.containsKey(name)) {
            return;
        }
        if (!way.add(name)) {
            List<String> circle = new ArrayList<>(way);
            circle = circle.subList(circle.indexOf(name), circle.size());
            throw new IllegalArgumentException(
                    "steps need each other in a circle: "
                            + String.join(" -> ", circle)
                            + " -> "
                            + name);
        }
        Step step = steps.get(name);
        if (step == null) {
            throw new IllegalArgumentException(
                    "%s needs a step called \"%s\"; there are %s"
                            .formatted(who, name, steps.keySet()));
        }
        step.needs().forEach(it -> visit(it, name, steps, way, ordered));
        way.remove(name);
        ordered.put(name, step);
    }

    private static void checkOutputs(Map<String, Step> steps) {
        Map<String, String> makers = new LinkedHashMap<>();
        steps.forEach((name, step) -> {
            for (String output : step.outputs()) {
                makers.forEach((made, maker) -> {
                    if (isWithin(made, output) || isWithin(output, made)) {
                        throw new IllegalArgumentException(
                                "%s makes %s, which lies in %s of %s or holds it"
                                        .formatted(name, output, made, maker));
                    }
                });
                makers.put(output, name);
            }
        });
    }

    /// An output among inputs would be made while they are read, unless its step is needed; and a
    /// step that replaces its own inputs would destroy the sources.
    private static void checkInputs(Map<String, Step> steps) {
        steps.forEach((maker, made) -> {
            for (String output : made.outputs()) {
                steps.forEach((name, step) -> {
                    for (String input : step.inputs()) {
                        if (InputFile.overlaps(input, output) && !needs(step, maker, steps)) {
                            throw new IllegalArgumentException(
                                    name.equals(maker)
                                            ? "%s would replace %s, which is among its inputs: %s"
                                                    .formatted(name, output, input)
                                            : "%s has the input %s, which %s makes: it needs %s"
                                                    .formatted(name, input, maker, maker));
                        }
                    }
                });
            }
        });
    }

    private static boolean needs(Step step, String other, Map<String, Step> steps) {
        return step.needs().stream()
                .anyMatch(it -> it.equals(other) || needs(steps.get(it), other, steps));
    }

    static boolean isWithin(String path, String directory) {
        return path.equals(directory) || path.startsWith(directory + "/");
    }
}
