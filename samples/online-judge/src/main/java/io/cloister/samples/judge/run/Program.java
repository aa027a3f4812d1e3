package io.cloister.samples.judge.run;

import io.cloister.samples.judge.language.Language;

import java.nio.file.Path;

/// A program that can be run.
///
/// @param language its language
/// @param directory what the compiler made
public record Program(Language language, Path directory) {}
