package io.cloister.samples.judge.work;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

import java.time.Duration;

/// The properties `judge.*`, but for those of the engine and of the database.
///
/// @param role what this JVM does
/// @param threads how many submissions it judges at once
/// @param tries how many workers may fail at a submission before it is given up
/// @param pause how long a submission waits after a failure; four times as long after the next
/// @param rest how long a worker takes no jobs that fails at one after another
/// @param grace how long what is being judged may take when the JVM ends; then it is handed back
/// @param sourceLimit the longest source, in UTF-8
/// @param waiting how many submissions may wait for a verdict
/// @param requests how many requests are answered at once
/// @param streams how many clients may follow events at once
/// @param streamsOfClient how many of them may have the same address
/// @param streamAge when a client that follows events has to come back
/// @param administratorToken what lets a client ask for another verdict; if empty, a random one
@ConfigurationProperties("judge")
public record JudgeProperties(
        Role role,
        int threads,
        int tries,
        Duration pause,
        Duration rest,
        Duration grace,
        DataSize sourceLimit,
        long waiting,
        int requests,
        int streams,
        int streamsOfClient,
        Duration streamAge,
        String administratorToken) {

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
