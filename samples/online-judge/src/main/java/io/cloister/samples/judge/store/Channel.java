package io.cloister.samples.judge.store;

/// What PostgreSQL tells all JVMs.
public enum Channel {
    /// Something happened to the submission whose number is the payload.
    EVENTS("judge_event"),
    /// There is a job; without a payload.
    JOBS("judge_job");

    private final String sqlName;

    Channel(String sqlName) {
        this.sqlName = sqlName;
    }

    String sqlName() {
        return sqlName;
    }
}
