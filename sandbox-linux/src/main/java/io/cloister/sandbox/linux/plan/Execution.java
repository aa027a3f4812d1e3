package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.SandboxSpec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is executed.
///
/// @param program the program as the caller named it
/// @param candidates the paths to try in turn
/// @param arguments the arguments, the first being the program's own name
/// @param environment `NAME=value`
/// @param workDirectory where it starts
/// @param descriptors the numbers of further descriptors, which stand behind the standard three
public record Execution(
        String program,
        List<String> candidates,
        List<String> arguments,
        List<String> environment,
        String workDirectory,
        List<Integer> descriptors) {

    /// What execvp(3) searches where PATH is not set.
    private static final String DEFAULT_PATH = "/bin:/usr/bin";

    /// What `command` is under `spec`. A name without a slash is looked for in PATH, as execvp(3)
    /// does; an empty entry of PATH is the working directory.
    public static Execution of(SandboxSpec spec, Command command) {
        Map<String, String> environment = spec.environment();
        if (!command.environment().isEmpty()) {
            environment = new LinkedHashMap<>(environment);
            environment.putAll(command.environment());
        }
        String program = command.program();
        List<String> candidates = new ArrayList<>();
        if (program.contains("/")) {
            candidates.add(program);
        } else {
            for (String directory : environment.getOrDefault("PATH", DEFAULT_PATH).split(":", -1)) {
                candidates.add(directory.isEmpty() ? "./" + program : directory + "/" + program);
            }
        }
        List<String> arguments = new ArrayList<>();
        arguments.add(command.argv0().orElse(program));
        arguments.addAll(command.arguments());
        List<String> variables = new ArrayList<>();
        environment.forEach((name, value) -> variables.add(name + "=" + value));
        return new Execution(
                program,
                candidates,
                arguments,
                variables,
                command.workDirectory().orElse(spec.workDirectory()),
                List.copyOf(command.descriptors().keySet()));
    }
}
