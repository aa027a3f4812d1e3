package io.cloister.samples.judge;

import io.cloister.samples.judge.engine.Submission;
import io.cloister.samples.judge.store.Event;
import io.cloister.samples.judge.store.EventLog;
import io.cloister.samples.judge.store.Submissions;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Runs the application for the tests of a class.
public final class JudgeExtension implements BeforeAllCallback, AfterAllCallback {
    /// Prints the sum of what it reads.
    public static final String SUM = "print(sum(map(int, input().split())))";

    private final String[] properties;
    private String[] database = {};
    private @Nullable ConfigurableApplicationContext context;

    /// @param properties as in [TestApplication#start]
    public JudgeExtension(String... properties) {
        this.properties = properties;
    }

    @Override
    public void beforeAll(ExtensionContext test) {
        database = SharedDatabase.of(test).create();
        start();
    }

    @Override
    public void afterAll(ExtensionContext test) {
        context().close();
    }

    private void start(String... more) {
        context =
                TestApplication.start(
                        Stream.of(properties, database, more)
                                .flatMap(Stream::of)
                                .toArray(String[]::new));
    }

    /// Ends the application, and starts it again with the same database.
    ///
    /// @param more properties that it did not have
    public void restart(String... more) {
        context().close();
        start(more);
    }

    /// {@return the application}
    public ConfigurableApplicationContext context() {
        return Objects.requireNonNull(context);
    }

    /// {@return a bean}
    ///
    /// @param type its type
    /// @param <T> its type
    public <T> T bean(Class<T> type) {
        return context().getBean(type);
    }

    /// {@return a property}
    ///
    /// @param name its name
    public String property(String name) {
        return context().getEnvironment().getRequiredProperty(name);
    }

    /// {@return how many rows a query counts}
    ///
    /// @param sql the query
    /// @param parameters its parameters
    public long count(String sql, Object... parameters) {
        return bean(JdbcClient.class).sql(sql).params(parameters).query(Long.class).single();
    }

    /// Waits until a submission has the verdict that is due.
    ///
    /// @param id its number
    /// @return the verdict
    public Event.Judged verdict(long id) throws InterruptedException {
        while (!bean(Submissions.class).find(id).orElseThrow().isJudged()) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return bean(EventLog.class).verdict(id).orElseThrow();
    }

    /// {@return a submission to the only problem that there is}
    ///
    /// @param source its source
    public static Submission python(String source) {
        return new Submission("sum", "python", source);
    }
}
