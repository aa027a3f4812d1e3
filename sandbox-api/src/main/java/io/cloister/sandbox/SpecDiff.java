package io.cloister.sandbox;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What differs between two policies; see [SandboxSpec#diff(SandboxSpec, SandboxSpec)].
///
/// @param changes the differences, in the order of the fields; empty if the policies do the same
public record SpecDiff(List<Change> changes) {

    /// One difference.
    ///
    /// @param path the field, as in messages about the JSON of a policy: `limits.memory`; of a
    ///   mount with its destination, `mounts[/in].writable`; of a system call with its name,
    ///   `syscalls.ptrace`
    /// @param before what the first policy says; empty if it is not there, or not in this list
    /// @param after what the second says
    public record Change(String path, Optional<String> before, Optional<String> after) {

        /// For example `limits.memory: 256m -> 512m` or `privileges.capabilities: + CAP_CHOWN`.
        @Override
        public String toString() {
            return path + ": " + step();
        }

        private String step() {
            if (before.isEmpty()) {
                return "+ " + after.orElse("");
            }
            return after.map(text -> before.get() + " -> " + text).orElse("- " + before.get());
        }
    }

    private static final String CALLS = "syscalls.";

    /// Copies.
    public SpecDiff {
        changes = List.copyOf(changes);
    }

    /// {@return whether nothing differs}
    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /// A line for each difference; system calls that change alike share one.
    @Override
    public String toString() {
        Map<String, String> lines = new LinkedHashMap<>();
        for (Change change : changes) {
            if (change.path().startsWith(CALLS)) {
                lines.merge(
                        "syscalls: " + change.step() + ":",
                        " " + change.path().substring(CALLS.length()),
                        (calls, call) -> calls + "," + call);
            } else {
                lines.put(change.toString(), "");
            }
        }
        return lines.entrySet().stream()
                .map(line -> line.getKey() + line.getValue())
                .collect(Collectors.joining("\n"));
    }
}
