package io.cloister.samples.judge.engine;

/// A program as somebody sent it.
///
/// @param problem the short name of the problem that it claims to solve
/// @param language the id of the language that it is written in
/// @param source its text, one file
public record Submission(String problem, String language, String source) {}
