/// The command line: options in the words of the API, and an exit status for each kind of end.
///
/// The entry type is [io.cloister.samples.cli.Main]. Depends on the API alone; the provider is
/// found at run time.
@NullMarked
package io.cloister.samples.cli;

import org.jspecify.annotations.NullMarked;
