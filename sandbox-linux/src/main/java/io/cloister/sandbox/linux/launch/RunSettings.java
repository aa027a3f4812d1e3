package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.Enforcement;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.linux.program.LaunchProgram;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a run has to know.
///
/// @param program the program of the first process, to name failed steps
/// @param namespaces the new namespaces, for messages
/// @param wallTime the limit on wall-clock time, counted from the launch
/// @param cpuTime the limit on CPU time
/// @param fileSizeLimited whether the size of files is limited
/// @param maps writes user maps, where the child waits for that
/// @param enforced what holds
record RunSettings(
        LaunchProgram program,
        Set<Namespace> namespaces,
        Optional<Duration> wallTime,
        Optional<Duration> cpuTime,
        boolean fileSizeLimited,
        UserMaps maps,
        List<Enforcement> enforced) {}
