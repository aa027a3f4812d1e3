package io.cloister.samples.build.step;

import java.util.List;
import java.util.Map;

/// One step, as a step file has it. Paths are relative to the directory of that file, with `/`.
///
/// @param command the program and its arguments, run in `/work`
/// @param inputs files, directories and globs such as `src/**.c`, which the step sees
/// @param needs names of steps whose outputs it sees as well
/// @param outputs files and directories that it makes
/// @param environment all variables beside `PATH`, `HOME` and `LANG`
/// @param tools absolute paths of programs that it uses: their content is a part of the cache's key
/// @param limits of memory, wall time and files
public record Step(
        List<String> command,
        List<String> inputs,
        List<String> needs,
        List<String> outputs,
        Map<String, String> environment,
        List<String> tools,
        StepLimits limits) {

    /// Fills in what a file leaves out.
    public Step {
        command = orEmpty(command);
        inputs = orEmpty(inputs);
        needs = orEmpty(needs);
        outputs = orEmpty(outputs);
        environment = environment == null ? Map.of() : Map.copyOf(environment);
        tools = orEmpty(tools);
        limits = limits == null ? StepLimits.DEFAULT : limits;
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command must name a program, was empty");
        }
        inputs.forEach(it -> checkRelative("inputs", it));
        outputs.forEach(it -> {
            checkRelative("outputs", it);
            if (List.of(it.split("/")).contains(".git")) {
                throw new IllegalArgumentException("outputs must not lie in .git, was " + it);
            }
        });
        tools.forEach(it -> {
            if (!it.startsWith("/")) {
                throw new IllegalArgumentException(
                        "tools must be absolute paths, was \"" + it + "\"");
            }
        });
    }

    private static void checkRelative(String what, String path) {
        boolean leaves =
                List.of(path.split("/", -1)).stream().anyMatch(List.of("", ".", "..")::contains);
        if (leaves) {
            throw new IllegalArgumentException(
                    "%s must be relative paths without \".\" and \"..\", was \"%s\""
                            .formatted(what, path));
        }
    }

    private static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }
}
