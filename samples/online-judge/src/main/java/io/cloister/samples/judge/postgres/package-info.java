/// A PostgreSQL that comes with the application, for those who have none. Entry type:
/// [EmbeddedDatabaseConfiguration].
@NullMarked
package io.cloister.samples.judge.postgres;

import org.jspecify.annotations.NullMarked;
