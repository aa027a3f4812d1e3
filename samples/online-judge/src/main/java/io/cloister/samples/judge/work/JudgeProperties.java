package io.cloister.samples.judge.work;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

import java.time.Duration;

/// The properties `judge.*`, but for those of the engine and of the database.
///
/// @param role what this JVM does
/// @param threads how many submissions it judges at once
/// @param tries how many workers may fail at a submission before it is given up
/// @param grace how long what is being judged may take when the JVM ends; then it is handed back
/// @param sourceLimit the longest source, in UTF-8
/// @param streams how many clients may follow events at once
@ConfigurationProperties("judge")
public record JudgeProperties(
        Role role, int threads, int tries, Duration grace, DataSize sourceLimit, int streams) {

    /// What a JVM does.
    public enum Role {
        /// Answers requests, and judges.
        ALL,
        /// Answers requests.
        SERVER,
        /// Judges.
        WORKER
    }
}
