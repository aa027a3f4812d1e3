package io.cloister.samples.build.step;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a result depends on, as one number: two runs with the same key may share it.
final class StepKey {
    /// Changes with the meaning of the rest.
    private static final String VERSION = "2";

    private StepKey() {}

    /// @param step the step; of it the command, the environment and the declared outputs count
    /// @param inputs its files
    /// @param tools paths to digests
    /// @param policy the sandbox, as JSON
    /// @param host what the step sees beside all that; see [HostIdentity]
    static String of(
            Step step,
            List<InputFile> inputs,
            Map<String, String> tools,
            String policy,
            String host) {
        Digest digest = new Digest().add(VERSION).add(policy).add(host);
        add(digest, step.command());
        add(digest, step.outputs());
        add(digest, new TreeMap<>(step.environment()));
        add(digest, new TreeMap<>(tools));
        digest.add(String.valueOf(inputs.size()));
        for (InputFile input : inputs) {
            digest.add(input.path()).add(String.valueOf(input.isExecutable())).add(input.digest());
        }
        return digest.hex();
    }

    private static void add(Digest digest, List<String> texts) {
        digest.add(String.valueOf(texts.size()));
        texts.forEach(digest::add);
    }

    private static void add(Digest digest, Map<String, String> texts) {
        digest.add(String.valueOf(texts.size()));
        texts.forEach((name, text) -> digest.add(name).add(text));
    }
}
