package io.cloister.sandbox;

/// Takes what goes over an edge of a [Pipeline], as it goes.
@FunctionalInterface
public interface TranscriptSink {
    /// Takes the next bytes.
    ///
    /// All sinks of a pipeline are called by one thread, in the order of a [Transcript], and before
    /// the result of the pipeline. The programs do not wait for a call, but a sink that falls
    /// behind by more than 1 MiB slows them down. An exception ends the pipeline.
    ///
    /// @param entry the bytes, with their time and edge
    void accept(Transcript.Entry entry);
}
