/// The properties, and how they become policies, pools and a budget.
///
/// The entry type is [SandboxProperties]. Makes no beans and starts nothing.
@NullMarked
package io.cloister.sandbox.spring.settings;

import org.jspecify.annotations.NullMarked;
