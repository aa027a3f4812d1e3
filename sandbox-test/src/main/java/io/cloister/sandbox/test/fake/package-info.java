/// Sandboxes that run nothing: commands end as a test has scripted it, on any system.
///
/// The entry is [FakeSandbox]. **Nothing is enforced by it.** It is used where a test names it, and
/// is no service that could be found.
@NullMarked
package io.cloister.sandbox.test.fake;

import org.jspecify.annotations.NullMarked;
