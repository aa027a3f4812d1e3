package io.cloister.samples.plugins.cli;

import io.cloister.samples.plugins.host.StartCache;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// What the build has made.
///
/// @param target its directory
record Built(Path target) {
    Path runtime() {
        return target.resolve("runtime");
    }

    Path plugin(String name) {
        return target.resolve("plugins/" + name + ".jar");
    }

    Path data() {
        return target.resolve("data");
    }

    /// The file for a faster start, recorded if there is none yet; where that is not possible it is
    /// said, and plugins start without it.
    Optional<Path> cache() throws InterruptedException {
        try {
            StartCache cache = new StartCache(runtime(), target.resolve("cache"));
            Optional<Path> found = cache.find();
            if (found.isPresent()) {
                return found;
            }
            System.err.println("recording the start of plugins, once, which takes some seconds");
            return Optional.of(cache.record(plugin("discount")));
        } catch (IOException | RuntimeException e) {
            System.err.println("plugins start slowly, without a cache: " + e.getMessage());
            return Optional.empty();
        }
    }
}
