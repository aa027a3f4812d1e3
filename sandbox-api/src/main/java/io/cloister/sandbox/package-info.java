/// Builds sandboxes, runs commands in them and tells how they ended.
///
/// The entry type is [Sandbox]; [SandboxSpec] is its policy as a value, [Command] what to run and
/// [SandboxResult] what came of it. [Sandboxes#probe()] tells what this host can enforce.
///
/// Errors come in three kinds that never mix: a wrong policy or command is an
/// [IllegalArgumentException] at the call that says it; a command that never ran is a
/// [SandboxException]; whatever the command itself did is an [Outcome].
@NullMarked
package io.cloister.sandbox;

import org.jspecify.annotations.NullMarked;
