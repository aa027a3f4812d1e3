/// For tests of programs that use sandboxes: a fake that runs nothing, an extension of JUnit
/// Jupiter, and assertions on results.
///
/// Nothing of it is found by itself, so it changes nothing in a program that has it on its module
/// path.
module io.cloister.sandbox.test {
    requires transitive io.cloister.sandbox;
    requires transitive org.assertj.core;
    requires transitive org.junit.jupiter.api;
    requires org.junit.platform.commons;
    requires org.opentest4j;
    requires static org.jspecify;

    exports io.cloister.sandbox.test.assertions;
    exports io.cloister.sandbox.test.fake;
    exports io.cloister.sandbox.test.junit;
}
