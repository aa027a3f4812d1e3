/// A command line for the sandbox, written as any user of the library would write it.
module io.cloister.samples.cli {
    requires info.picocli;
    requires io.cloister.sandbox;
    requires static org.jspecify;
    requires tools.jackson.core;
}
