/// Reads and writes a policy as JSON.
///
/// The entry type is [SpecJson]. The package is not exported: programs use
/// [io.cloister.sandbox.SandboxSpec#fromJson(String)] and
/// [io.cloister.sandbox.SandboxSpec#toJson()].
@NullMarked
package io.cloister.sandbox.json;

import org.jspecify.annotations.NullMarked;
