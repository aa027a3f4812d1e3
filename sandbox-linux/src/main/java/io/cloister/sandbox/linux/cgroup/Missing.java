package io.cloister.sandbox.linux.cgroup;

/// Why a controller can't be used.
///
/// @param why what was found
/// @param remedy what would change it
public record Missing(String why, String remedy) {}
