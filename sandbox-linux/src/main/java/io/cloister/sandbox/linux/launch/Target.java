package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.plan.Footing;

/// Where a launch is sent.
///
/// @param zygote the zygote
/// @param footing from where the launch starts
/// @param answered to be called once, when the zygote has answered the request
/// @param ending to be called when nothing but the exit of the first process is left to wait for
/// @param release to be called once, when the last process of the launch is gone
record Target(
        Zygote zygote, Footing footing, Runnable answered, Runnable ending, Runnable release) {

    /// For a request that is about to be sent.
    Target(Zygote zygote, Footing footing, Runnable ending, Runnable release) {
        this(zygote, footing, zygote::answered, ending, release);
    }
}
