/// Terminals: their attributes, the JVM's own terminal, and pseudo-terminals of the host.
///
/// Entry types: [io.cloister.sandbox.linux.terminal.TerminalAttributes],
/// [io.cloister.sandbox.linux.terminal.StandardTerminal],
/// [io.cloister.sandbox.linux.terminal.PseudoTerminal]. Depends on `ffm` and `program` (constants).
@NullMarked
package io.cloister.sandbox.linux.terminal;

import org.jspecify.annotations.NullMarked;
