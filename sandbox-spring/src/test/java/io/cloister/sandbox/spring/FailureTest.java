package io.cloister.sandbox.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.spring.autoconfigure.SandboxAutoConfiguration;
import io.cloister.sandbox.spring.failure.ProfileUnavailableException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// An application that does not start says which property is to blame and what to do.
@Tag("kernel")
@ExtendWith(OutputCaptureExtension.class)
class FailureTest {

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(SandboxAutoConfiguration.class)
    static class Application {}

    @Configuration(proxyBeanMethods = false)
    static class Lacking {
        @Bean
        SandboxBuilderCustomizer lacking() {
            return (profile, builder) -> {
                throw new SandboxUnavailableException(
                        "the time namespace cannot be made", "the time namespace", "run Linux 5.6");
            };
        }
    }

    private static Throwable startupFailure(String... arguments) {
        return startupFailure(new SpringApplication(Application.class), arguments);
    }

    private static Throwable startupFailure(SpringApplication spring, String... arguments) {
        spring.setWebApplicationType(WebApplicationType.NONE);
        try {
            spring.run(arguments).close();
        } catch (RuntimeException e) {
            return e;
        }
        throw new AssertionError("it started");
    }

    @ParameterizedTest
    @CsvSource({
        "pids-limit,0",
        "cpus,0.001",
        "cpu-weight,10001",
        "wall-time-limit,0s",
        "memory-limit,-1B",
        "work-directory,relative",
        "host-name,a/b",
        "user,-1",
        "scratch-size,0B",
        "pool.uses,0",
        "pool.size,0",
        "policy,classpath:/there-is-none.json"
    })
    void aRefusedValueIsToldWithItsProperty(String name, String value, CapturedOutput output) {
        startupFailure("--sandbox.profiles.judge.%s=%s".formatted(name, value));

        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START")
                .contains("Property: sandbox.profiles.judge." + name)
                .contains("Reason: ")
                .contains("Give sandbox.profiles.judge." + name);
    }

    @Test
    void aValueOfTheWrongTypeIsToldByBoot(CapturedOutput output) {
        startupFailure("--sandbox.profiles.judge.memory-limit=much");

        assertThat(output.getAll())
                .contains("sandbox.profiles.judge.memory-limit")
                .contains("Value: \"much\"");
    }

    @Test
    void aBudgetWithoutACapIsRefused(CapturedOutput output) {
        startupFailure("--sandbox.budget.queue-timeout=1s");

        assertThat(output.getAll())
                .contains("The properties below sandbox.budget cannot be used as they are")
                .contains("a budget must cap memory, cpus or sandboxes");
    }

    @Test
    void settingsThatExcludeEachOtherNameTheirProfile(CapturedOutput output) {
        startupFailure(
                "--sandbox.profiles.judge.isolation=confined",
                "--sandbox.profiles.judge.host-name=other");

        assertThat(output.getAll())
                .contains("The properties below sandbox.profiles.judge cannot be used as they are");
    }

    @ParameterizedTest
    @CsvSource({
        "shutdown-time,5s",
        "default.pool.uses,1",
        "budget.cpu,2",
        "defaults.wall-time,2s",
        "profiles.judge.tcp-conect,443",
        "profiles.judge.memory,64MB",
        "profiles.judge.pool.sise,4"
    })
    void aNameThatIsNoPropertyIsRefused(String name, String value, CapturedOutput output) {
        startupFailure("--sandbox." + name + "=" + value);

        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START")
                .contains("sandbox." + name)
                .contains("were left unbound");
    }

    @ParameterizedTest
    @CsvSource({"shutdown-timeout,-5s", "probe-interval,-1m"})
    void aTimeThatIsNoneIsRefused(String name, String value, CapturedOutput output) {
        startupFailure("--sandbox." + name + "=" + value);

        assertThat(output.getAll()).contains("Property: sandbox." + name);
    }

    @Test
    void theValueOfAVariableIsNotPrinted(CapturedOutput output) {
        startupFailure("--sandbox.profiles.judge.environment.[TOKEN]=hunter2\0tail");

        assertThat(output.getAll())
                .contains("Property: sandbox.profiles.judge.environment.[TOKEN]")
                .doesNotContain("hunter2");
    }

    @Test
    void aPropertyOfAPoolIsToldWithWhereItStands(CapturedOutput output) {
        startupFailure("--sandbox.defaults.pool.uses=0", "--sandbox.profiles.judge.pool.size=1");

        assertThat(output.getAll()).contains("Property: sandbox.defaults.pool.uses");
    }

    @Test
    void aHostThatCannotIsToldWithWhatItLacksAndWhatToDo(CapturedOutput output) {
        SpringApplication spring = new SpringApplication(Application.class, Lacking.class);
        Throwable failure = startupFailure(spring, "--sandbox.profiles.judge.preset=judge");

        assertThat(failure).hasStackTraceContaining(ProfileUnavailableException.class.getName());
        assertThat(output.getAll())
                .contains(
                        "The sandbox of sandbox.profiles.judge cannot be made on this host: it"
                                + " lacks the time namespace")
                .contains("Run Linux 5.6.")
                .contains("sandbox.profiles.judge.best-effort=memory")
                .contains("sandbox.enabled=false");
    }
}
