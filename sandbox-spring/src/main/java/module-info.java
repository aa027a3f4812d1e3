/// Sandboxes as beans of Spring Boot: properties, pools, health, metrics and traces.
///
/// [io.cloister.sandbox.spring.SandboxRegistry] is the entry type; the beans come from
/// auto-configuration. Actuator and Micrometer are optional: what needs them is left out without
/// them.
@SuppressWarnings("requires-automatic") // Spring and Micrometer have no descriptors.
module io.cloister.sandbox.spring {
    requires transitive io.cloister.sandbox;
    requires org.slf4j;
    requires spring.beans;
    requires spring.boot;
    requires spring.boot.autoconfigure;
    requires spring.context;
    requires spring.core;
    requires static micrometer.commons;
    requires static micrometer.core;
    requires static micrometer.observation;
    requires static org.jspecify;
    requires static spring.boot.actuator;
    requires static spring.boot.actuator.autoconfigure;
    requires static spring.boot.health;

    exports io.cloister.sandbox.spring;

    // Spring makes the beans, binds the properties and calls the endpoint by reflection.
    opens io.cloister.sandbox.spring.actuate;
    opens io.cloister.sandbox.spring.autoconfigure;
    opens io.cloister.sandbox.spring.failure;
    opens io.cloister.sandbox.spring.metrics;
    opens io.cloister.sandbox.spring.settings;
    opens io.cloister.sandbox.spring.state;
}
