package io.cloister.sandbox.linux.program;

import io.cloister.sandbox.SetupStep;

/// What a group of operations does, in the words of an error message.
///
/// @param kind the kind of step
/// @param index counts the steps of this kind, from 1
/// @param detail with which values, for example `/srv/in -> /in, read-only`
public record Step(SetupStep kind, int index, String detail) {}
