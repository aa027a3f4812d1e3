/// Measures what a launch costs.
module io.cloister.samples.bench {
    requires io.cloister.sandbox;
    requires static org.jspecify;
}
