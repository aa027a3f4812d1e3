/// How Linux does it: the provider of [io.cloister.sandbox.spi.SandboxProvider] for Linux.
///
/// Nothing is exported; the provider is found through [java.util.ServiceLoader]. Code of this
/// module calls the kernel, so it needs `--enable-native-access=io.cloister.sandbox.linux`.
module io.cloister.sandbox.linux {
    requires io.cloister.sandbox;
    requires org.slf4j;
    requires static org.jspecify;

    provides io.cloister.sandbox.spi.SandboxProvider with
            io.cloister.sandbox.linux.LinuxSandboxProvider;
}
