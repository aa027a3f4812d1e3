import io.cloister.sandbox.spi.SandboxProvider;

/// Runs untrusted commands in sandboxes: the API, the policy values and the provider interface.
///
/// [io.cloister.sandbox.Sandbox] is the entry type. The module needs a provider at run time, which
/// is found through [java.util.ServiceLoader]; it has none of its own.
// The provider of Linux is built after this module.
@SuppressWarnings("module")
module io.cloister.sandbox {
    // A runtime image may do without; see the package `events`.
    requires static jdk.jfr;
    requires org.slf4j;
    requires static org.jspecify;
    requires tools.jackson.databind;

    exports io.cloister.sandbox;
    exports io.cloister.sandbox.bubblewrap;
    exports io.cloister.sandbox.events to
            io.cloister.sandbox.linux;
    exports io.cloister.sandbox.learn;
    exports io.cloister.sandbox.oci;
    exports io.cloister.sandbox.policy;
    exports io.cloister.sandbox.spi;
    exports io.cloister.sandbox.syscall;
    exports io.cloister.sandbox.syscall.oci;

    uses SandboxProvider;
}
