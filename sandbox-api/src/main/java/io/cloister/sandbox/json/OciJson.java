package io.cloister.sandbox.json;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.oci.OciConfig;

import java.nio.file.Path;
import java.util.List;

/// Configurations of the OCI runtime specification as JSON.
public final class OciJson {

    private OciJson() {}

    /// Reads a configuration; see [OciConfig#read(Path)].
    ///
    /// @param json the text
    /// @param source its name in messages
    /// @param bundle the directory that relative paths start from
    /// @return what it says
    /// @throws IllegalArgumentException if it is not JSON, or has what is refused
    public static OciConfig read(String json, String source, Path bundle) {
        return JsonText.read(json, source, value -> new OciReader(bundle).read(value));
    }

    /// Writes a configuration; see [OciConfig#toJson()].
    ///
    /// @param spec the policy
    /// @param command the command
    /// @return indented JSON
    public static String write(SandboxSpec spec, Command command) {
        return JsonText.write(new OciWriter(spec, command).json());
    }

    /// What a configuration cannot say; see [OciConfig#of(SandboxSpec, Command)].
    ///
    /// @param spec the policy
    /// @param command the command
    /// @return a sentence each
    public static List<String> unsaid(SandboxSpec spec, Command command) {
        OciWriter writer = new OciWriter(spec, command);
        writer.json();
        return writer.unsaid();
    }
}
