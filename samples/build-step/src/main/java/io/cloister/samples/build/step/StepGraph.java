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
    /// @throws IllegalArgumentException for a step that is needed and missing, for a circle, and
    ///   for two steps that make the same
    static StepGraph of(Map<String, Step> steps, List<String> wanted) {
        Map<String, Step> ordered = new LinkedHashMap<>();
        for (String name : wanted.isEmpty() ? steps.keySet() : wanted) {
            visit(name, "the command line", steps, new LinkedHashSet<>(), ordered);
        }
        checkOutputs(ordered);
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

    static boolean isWithin(String path, String directory) {
        return path.equals(directory) || path.startsWith(directory + "/");
    }
}
