/// Turns a file-system policy into the ordered steps that build a sandbox's tree.
///
/// Entry type: [io.cloister.sandbox.linux.mount.MountPlanner]. Pure: what the host has comes in as
/// [io.cloister.sandbox.linux.mount.HostTree] and [io.cloister.sandbox.linux.mount.Source]. Depends
/// on the API's policy types only.
@NullMarked
package io.cloister.sandbox.linux.mount;

import org.jspecify.annotations.NullMarked;
