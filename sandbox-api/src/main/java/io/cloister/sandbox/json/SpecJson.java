package io.cloister.sandbox.json;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.SpecDiff;

import java.nio.file.Path;
import java.util.Optional;

/// A policy as JSON. What is read is what was written: no field is lost, none is passed over.
public final class SpecJson {

    private SpecJson() {}

    /// Reads a policy; see [SandboxSpec#fromJson(String)].
    ///
    /// @param json the text
    /// @return the policy
    /// @throws IllegalArgumentException if it is not JSON or no policy
    public static SandboxSpec read(String json) {
        return Extension.read(json, Optional.empty());
    }

    /// Reads a policy that may extend files; see [SandboxSpec#fromJson(String, Path)].
    ///
    /// @param json the text
    /// @param directory where they are looked for
    /// @return the policy
    /// @throws IllegalArgumentException if it is not JSON or no policy
    public static SandboxSpec read(String json, Path directory) {
        return Extension.read(json, Optional.of(directory.toAbsolutePath()));
    }

    /// Reads a policy from a file; see [SandboxSpec#read(Path)].
    ///
    /// @param file the file
    /// @return the policy
    /// @throws IllegalArgumentException if it is not JSON or no policy
    public static SandboxSpec read(Path file) {
        return Extension.read(file);
    }

    /// What differs; see [SandboxSpec#diff(SandboxSpec, SandboxSpec)].
    ///
    /// @param before one policy
    /// @param after the other
    /// @return the differences
    public static SpecDiff diff(SandboxSpec before, SandboxSpec after) {
        return new SpecDiff(new Comparison(before, after).changes());
    }

    /// The schema; see [SandboxSpec#jsonSchema()].
    ///
    /// @return JSON
    public static String schema() {
        return Schema.TEXT;
    }

    /// Writes a policy; see [SandboxSpec#toJson()].
    ///
    /// @param spec the policy
    /// @return indented JSON
    public static String write(SandboxSpec spec) {
        return JsonText.write(new SpecWriter(JsonText.MAPPER).write(spec));
    }
}
