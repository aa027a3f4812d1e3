/// Tests against the kernel that runs them: what a sandbox promises, seen from inside and outside.
///
/// They pass for root and for an ordinary user. Entry types: [Runs] runs commands and asserts on
/// how they ended, [Victims] makes the tiny programs that try what is forbidden.
@NullMarked
package io.cloister.sandbox.linux.kernel;

import org.jspecify.annotations.NullMarked;
