/// What an application of Spring Boot uses: the registry of its sandboxes, and how to add to their
/// policies in Java.
///
/// The entry type is [SandboxRegistry]. Depends on the API alone.
@NullMarked
package io.cloister.sandbox.spring;

import org.jspecify.annotations.NullMarked;
