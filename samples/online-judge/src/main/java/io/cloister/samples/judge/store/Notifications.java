package io.cloister.samples.judge.store;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

/// Hears what PostgreSQL tells all JVMs, on a connection of its own. It carries no news, but says
/// that there are some: who listens reads the tables, and looks there from time to time anyway.
@Component
public class Notifications implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);
    private static final int WAIT_MILLIS = 500;

    private final DataSource database;
    private final List<Registration> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean running;
    private volatile @Nullable Thread thread;

    /// Who waits for what.
    private record Registration(Channel channel, String payload, Runnable listener) {
        boolean isFor(PGNotification notification) {
            return notification.getName().equals(channel.sqlName())
                    && notification.getParameter().equals(payload);
        }
    }

    /// Listens until it is closed.
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    Notifications(DataSource database) {
        this.database = database;
    }

    /// Tells all JVMs, when the transaction is committed.
    ///
    /// @param database the database
    /// @param channel what for
    /// @param payload whom
    public static void send(JdbcClient database, Channel channel, String payload) {
        database.sql("select pg_notify(?, ?)")
                .params(channel.sqlName(), payload)
                .query((row, number) -> payload)
                .single();
    }

    /// Calls a listener with each notification, and when some may have been lost.
    ///
    /// @param channel of which channel
    /// @param payload with which payload
    /// @param listener must return at once
    /// @return ends it
    public Subscription listen(Channel channel, String payload, Runnable listener) {
        Registration registration = new Registration(channel, payload, listener);
        listeners.add(registration);
        return () -> listeners.removeIf(other -> other == registration);
    }

    @Override
    public void start() {
        running = true;
        thread = Thread.ofPlatform().daemon().name("notifications").start(this::run);
    }

    private void run() {
        while (running) {
            try (Connection connection = database.getConnection()) {
                hear(connection);
            } catch (SQLException e) {
                if (running) {
                    LOG.warn("cannot listen to the database, trying again: {}", e.getMessage());
                    pause();
                }
            }
        }
    }

    private void hear(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (Channel channel : Channel.values()) {
                statement.execute("listen " + channel.sqlName());
            }
            // What was said while nobody listened is lost.
            listeners.forEach(each -> each.listener().run());
            PGConnection postgres = connection.unwrap(PGConnection.class);
            while (running) {
                for (PGNotification notification : postgres.getNotifications(WAIT_MILLIS)) {
                    for (Registration each : listeners) {
                        if (each.isFor(notification)) {
                            each.listener().run();
                        }
                    }
                }
            }
            statement.execute("unlisten *");
        }
    }

    private static void pause() {
        try {
            TimeUnit.SECONDS.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        running = false;
        Thread listening = thread;
        try {
            if (listening != null) {
                listening.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
