package io.cloister.sandbox.json;

import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.text.TextFile;

import java.nio.file.Path;

/// A policy as JSON. What is read is what was written: no field is lost, none is passed over.
public final class SpecJson {

    private SpecJson() {}

    /// Reads a policy; see [SandboxSpec#fromJson(String)].
    ///
    /// @param json the text
    /// @return the policy
    /// @throws IllegalArgumentException if it is not JSON or no policy
    public static SandboxSpec read(String json) {
        return JsonText.read(json, "", SpecReader::read);
    }

    /// Reads a policy from a file; see [SandboxSpec#read(Path)].
    ///
    /// @param file the file
    /// @return the policy
    /// @throws IllegalArgumentException if it is not JSON or no policy
    public static SandboxSpec read(Path file) {
        return JsonText.read(TextFile.read(file, "policy"), file.toString(), SpecReader::read);
    }

    /// Writes a policy; see [SandboxSpec#toJson()].
    ///
    /// @param spec the policy
    /// @return indented JSON
    public static String write(SandboxSpec spec) {
        return JsonText.write(new SpecWriter(JsonText.MAPPER).write(spec));
    }
}
