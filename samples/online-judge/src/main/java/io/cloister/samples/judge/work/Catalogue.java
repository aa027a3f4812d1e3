package io.cloister.samples.judge.work;

import java.util.Set;

/// What submissions may name.
///
/// @param problems the short names of all problems
/// @param languages the ids of all languages
public record Catalogue(Set<String> problems, Set<String> languages) {
    /// Copies the sets.
    public Catalogue {
        problems = Set.copyOf(problems);
        languages = Set.copyOf(languages);
    }
}
