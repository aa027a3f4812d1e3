package io.cloister.sandbox;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// What went over the recorded edges of a [Pipeline], in the order in which it did. Immutable.
///
/// An answer never stands before the question: a message is noted before its reader gets it.
public final class Transcript {
    private final List<Entry> entries;
    private final List<PipelineEdge> truncated;

    Transcript(List<Entry> entries, List<PipelineEdge> truncated) {
        this.entries = List.copyOf(entries);
        this.truncated = List.copyOf(truncated);
    }

    /// Bytes that went over an edge at one time. A message of a program may come in several, and
    /// several may come in one.
    ///
    /// @param at when, since the start of the pipeline
    /// @param edge where
    /// @param bytes the bytes; copied in and out
    public record Entry(Duration at, PipelineEdge edge, byte[] bytes) {
        /// Copies the bytes.
        public Entry {
            Objects.requireNonNull(at, "at");
            Objects.requireNonNull(edge, "edge");
            bytes = bytes.clone();
        }

        /// {@return a copy of the bytes}
        @Override
        public byte[] bytes() {
            return bytes.clone();
        }

        /// {@return the bytes as UTF-8; each malformed sequence becomes U+FFFD}
        public String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        int length() {
            return bytes.length;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Entry(Duration time, PipelineEdge where, byte[] theirs)
                    && at.equals(time)
                    && edge.equals(where)
                    && Arrays.equals(bytes, theirs);
        }

        @Override
        public int hashCode() {
            return Objects.hash(at, edge, Arrays.hashCode(bytes));
        }

        /// Time, edge and size, never the contents: they are an untrusted program's.
        @Override
        public String toString() {
            return "%s %s %s".formatted(Units.formatDuration(at), edge, Bytes.of(bytes.length));
        }
    }

    /// {@return all entries, in order}
    public List<Entry> entries() {
        return entries;
    }

    /// {@return the edges of which not everything was kept, since it was more than their cap}
    public List<PipelineEdge> truncated() {
        return truncated;
    }

    /// {@return all that was kept of one edge, together}
    ///
    /// @param edge the edge
    public byte[] bytes(PipelineEdge edge) {
        List<Entry> its = new ArrayList<>(entries);
        its.removeIf(entry -> !entry.edge().equals(edge));
        byte[] all = new byte[its.stream().mapToInt(Entry::length).sum()];
        int at = 0;
        for (Entry entry : its) {
            System.arraycopy(entry.bytes, 0, all, at, entry.length());
            at += entry.length();
        }
        return all;
    }

    /// The number of entries, never their contents.
    @Override
    public String toString() {
        return "Transcript[" + entries.size() + " entries]";
    }
}
