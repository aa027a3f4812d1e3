package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.plan.Ahead;

/// Where a launch is sent.
///
/// @param zygote the zygote
/// @param ahead what it has prepared
/// @param uid the host user of the sandbox
/// @param gid the host group of the sandbox
/// @param ending to be called when nothing but the exit of the first process is left to wait for
/// @param release to be called once, when the last process of the launch is gone
record Target(Zygote zygote, Ahead ahead, int uid, int gid, Runnable ending, Runnable release) {}
