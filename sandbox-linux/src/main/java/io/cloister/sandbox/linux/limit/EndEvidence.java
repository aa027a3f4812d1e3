package io.cloister.sandbox.linux.limit;

import java.util.Optional;

/// What the kernel noted about limits of a run so far. What the host can't tell is empty.
///
/// @param oomKills processes that were killed for want of memory
/// @param oomGroupKills how often the whole group was killed for want of memory (version 2)
/// @param memoryMaxHits how often the memory limit was about to be exceeded; reclaim may have
///   helped; empty in version 1 where memory and swap share a limit and the kernel counts no hits
/// @param pidsMaxHits how often a fork failed because of the limit on processes
/// @param memoryFile the file that tells of kills: `memory.events` or `memory.oom_control`
public record EndEvidence(
        Optional<Long> oomKills,
        Optional<Long> oomGroupKills,
        Optional<Long> memoryMaxHits,
        Optional<Long> pidsMaxHits,
        String memoryFile) {

    /// Nothing is known.
    public static final EndEvidence NONE =
            new EndEvidence(
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), "");

    /// This, with what `other` knows in place of what is unknown here.
    public EndEvidence or(EndEvidence other) {
        return new EndEvidence(
                oomKills.or(other::oomKills),
                oomGroupKills.or(other::oomGroupKills),
                memoryMaxHits.or(other::memoryMaxHits),
                pidsMaxHits.or(other::pidsMaxHits),
                memoryFile.isEmpty() ? other.memoryFile : memoryFile);
    }
}
