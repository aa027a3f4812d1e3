package io.cloister.sandbox.linux.kernel;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxSession;

import java.nio.charset.StandardCharsets;

/// A program of its own JVM: runs what is given secrets in every way that there is.
final class LoggedMain {

    private LoggedMain() {}

    /// @param args the secret
    public static void main(String[] args) throws Exception {
        String secret = args[0];
        boolean recorder = ModuleLayer.boot().findModule("jdk.jfr").isPresent();
        System.out.println("recorder: " + recorder);
        Command program =
                Command.of("/bin/sh", "-c", "cat; echo $TOKEN; exit 3", secret)
                        .environment("TOKEN", secret)
                        .stdin(secret.getBytes(StandardCharsets.UTF_8));
        try (Sandbox sandbox = Sandbox.builder().environment("OTHER", secret).build()) {
            sandbox.run(program);
            try (SandboxSession session = sandbox.open()) {
                session.run(program);
            }
            sandbox.run(Command.of("/does/not/exist", secret).environment("TOKEN", secret));
        } catch (SandboxException e) {
            System.out.println("expected: " + e.getClass().getSimpleName());
        }
    }
}
