package io.cloister.samples.judge;

import io.cloister.samples.judge.postgres.EmbeddedDatabaseConfiguration;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import java.util.concurrent.atomic.AtomicInteger;

/// The PostgreSQL of all tests of a JVM, started when the first one asks and ended after the last
/// one. Each test class gets a database of its own there.
final class SharedDatabase implements AutoCloseable {
    private final AtomicInteger databases = new AtomicInteger();
    private final ConfigurableApplicationContext context =
            new SpringApplicationBuilder(EmbeddedDatabaseConfiguration.class)
                    .web(WebApplicationType.NONE)
                    .properties("judge.role=server")
                    .run("--judge.cache=target/cache");

    static SharedDatabase of(ExtensionContext test) {
        return test.getRoot()
                .getStore(ExtensionContext.Namespace.create(SharedDatabase.class))
                .computeIfAbsent(
                        SharedDatabase.class, _ -> new SharedDatabase(), SharedDatabase.class);
    }

    /// {@return properties that lead to a new database}
    String[] create() {
        JdbcConnectionDetails server = context.getBean(JdbcConnectionDetails.class);
        String url = server.getJdbcUrl();
        String name = "test_" + databases.incrementAndGet();
        JdbcClient.create(
                        new DriverManagerDataSource(
                                url, server.getUsername(), server.getPassword()))
                .sql("create database " + name)
                .update();
        return new String[] {
            "spring.datasource.url=" + url.substring(0, url.lastIndexOf('/') + 1) + name,
            "spring.datasource.username=" + server.getUsername(),
            "spring.datasource.password=" + server.getPassword()
        };
    }

    @Override
    public void close() {
        context.close();
    }
}
