package io.cloister.samples.judge.postgres;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

import java.nio.file.Path;

/// Where the embedded database has its files.
///
/// @param directory that of the data, which is kept; without one the data are gone at the end
/// @param programs where PostgreSQL is unpacked to, once
@ConfigurationProperties("judge.database")
public record DatabaseProperties(@Nullable Path directory, Path programs) {}
