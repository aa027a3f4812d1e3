package io.cloister.samples.judge;

import org.springframework.boot.context.properties.ConfigurationProperties;

import java.nio.file.Path;

/// What the engine needs of the properties `judge.*`.
///
/// @param problems a directory of problem packages
/// @param cache where things are kept that can be made again
/// @param threads how many programs run at once
@ConfigurationProperties("judge")
record EngineProperties(Path problems, Path cache, int threads) {}
