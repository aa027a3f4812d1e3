/// Makes the beans, each unless the application has its own, and ends them with the context.
///
/// Nothing depends on this package.
@NullMarked
package io.cloister.sandbox.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
