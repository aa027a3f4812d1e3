/// What the host has and allows, and how we know.
///
/// Entry types: [io.cloister.sandbox.linux.host.HostInspector] (facts for the planner),
/// [io.cloister.sandbox.linux.host.HostProbe] (the report for people). Depends on `plan`, `mount`,
/// `program` (constants) and `ffm`.
@NullMarked
package io.cloister.sandbox.linux.host;

import org.jspecify.annotations.NullMarked;
