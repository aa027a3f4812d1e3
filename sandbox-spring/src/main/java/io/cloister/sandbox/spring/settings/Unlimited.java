package io.cloister.sandbox.spring.settings;

import io.cloister.sandbox.Sandbox;

import java.util.function.Consumer;

/// A limit that the strict policy has and a profile takes away.
public enum Unlimited {
    /// Memory of all processes together.
    MEMORY(Sandbox.Builder::unlimitedMemory),
    /// Swap of all processes together.
    SWAP(Sandbox.Builder::unlimitedSwap),
    /// Processes and threads.
    PIDS(Sandbox.Builder::unlimitedPids),
    /// Processor time of all processes together.
    CPU_TIME(Sandbox.Builder::unlimitedCpuTime),
    /// Time from start to end.
    WALL_TIME(Sandbox.Builder::unlimitedWallTime),
    /// Bytes on each output.
    OUTPUT(Sandbox.Builder::unlimitedOutput);

    private final Consumer<Sandbox.Builder> setter;

    Unlimited(Consumer<Sandbox.Builder> setter) {
        this.setter = setter;
    }

    void apply(Sandbox.Builder builder) {
        setter.accept(builder);
    }
}
