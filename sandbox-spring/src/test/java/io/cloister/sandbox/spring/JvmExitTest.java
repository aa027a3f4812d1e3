package io.cloister.sandbox.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// An application whose JVM ends while a command runs.
@Tag("kernel")
@Timeout(120)
class JvmExitTest {

    @Test
    void whatRunsMayEndFirst() throws Exception {
        assertThat(ended()).contains("it ended as Exited[code=3]");
    }

    @Test
    void withoutAHookThatClosesTheContextItIsKilled() throws Exception {
        assertThat(ended("--spring.main.register-shutdown-hook=false"))
                .contains("it ended as Cancelled");
    }

    private static String ended(String... arguments) throws IOException, InterruptedException {
        Host.needsSandboxes();
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.add("--enable-native-access=ALL-UNNAMED");
        words.add("-cp");
        words.add(System.getProperty("java.class.path"));
        words.add(Ending.class.getName());
        words.addAll(List.of(arguments));
        Process jvm = new ProcessBuilder(words).redirectErrorStream(true).start();
        String text = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(jvm.waitFor()).as(text).isZero();
        return text;
    }

    @EnableAutoConfiguration
    static class Ending {
        public static void main(String[] arguments) throws Exception {
            SpringApplication application = new SpringApplication(Ending.class);
            application.setWebApplicationType(org.springframework.boot.WebApplicationType.NONE);
            ConfigurableApplicationContext context = application.run(arguments);
            SandboxProcess process =
                    context.getBean(Sandbox.class)
                            .start(Command.of("sh", "-c", "echo ready; sleep 1; exit 3"));
            process.getInputStream().readNBytes("ready\n".length());
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(() -> {
                                try {
                                    System.out.println(
                                            "it ended as " + process.waitForResult().outcome());
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            }));
            System.exit(0);
        }
    }
}
