/// Command lines of bubblewrap (`bwrap`) as a policy and a command, for those who come from there.
///
/// The entry type is [BubblewrapCommand].
@NullMarked
package io.cloister.sandbox.bubblewrap;

import org.jspecify.annotations.NullMarked;
