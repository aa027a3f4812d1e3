package io.cloister.samples.judge;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/// The online judge: a server, workers, or both.
@SpringBootApplication
public class JudgeApplication {

    /// Starts it.
    ///
    /// @param arguments properties, such as `--judge.role=worker`
    public static void main(String[] arguments) {
        SpringApplication.run(JudgeApplication.class, arguments);
    }
}
