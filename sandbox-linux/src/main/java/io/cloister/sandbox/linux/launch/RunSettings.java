package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.linux.program.SyscallProgram;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// What a run has to know.
///
/// @param program the program of the first process, to name failed steps
/// @param namespaces the new namespaces, for messages
/// @param wallTime the limit on wall-clock time, counted from the launch
/// @param cpuTime the limit on CPU time
/// @param maps writes user maps, where the child waits for that
/// @param enforced what holds
/// @param onEnd told once, before the result is known
record RunSettings(
        SyscallProgram program,
        String namespaces,
        Optional<Duration> wallTime,
        Optional<Duration> cpuTime,
        UserMaps maps,
        List<Enforcement> enforced,
        Consumer<SandboxRun> onEnd) {}
