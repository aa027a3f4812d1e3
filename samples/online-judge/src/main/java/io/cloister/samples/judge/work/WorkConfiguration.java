package io.cloister.samples.judge.work;

import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.boot.autoconfigure.Jackson3Serializer;
import com.github.kagkarlsson.scheduler.boot.config.DbSchedulerCustomizer;
import com.github.kagkarlsson.scheduler.serializer.Serializer;
import com.zaxxer.hikari.HikariDataSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.util.Optional;
import java.util.concurrent.ExecutorService;

/// What db-scheduler gets of this application.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(JudgeProperties.class)
class WorkConfiguration {
    /// Connections for heartbeats, for looking after jobs, and for notifications.
    private static final int OTHERS = 6;

    /// So many that clients, however many they are, never take those that workers need.
    @Autowired
    void connections(HikariDataSource database, JudgeProperties properties) {
        database.setMaximumPoolSize(properties.requests() + properties.threads() + OTHERS);
    }

    @Bean
    DbSchedulerCustomizer customizer(WorkerName name, WorkerThreads threads) {
        return new DbSchedulerCustomizer() {
            @Override
            public Optional<SchedulerName> schedulerName() {
                return Optional.of(new SchedulerName.Fixed(name.value()));
            }

            @Override
            public Optional<Serializer> serializer() {
                return Optional.of(new Jackson3Serializer());
            }

            @Override
            public Optional<ExecutorService> executorService() {
                return Optional.of(threads.executor());
            }
        };
    }
}
