package io.cloister.sandbox.linux.kernel;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.policy.Bind;

import java.nio.file.Path;

/// A program of its own JVM: starts three sandboxes with daemons, says so, and waits.
final class SandboxHolder {

    private SandboxHolder() {}

    /// @param args the victim's path, and a token for its command line
    public static void main(String[] args) throws Exception {
        Sandbox sandbox =
                Sandbox.builder().mount(Bind.readOnly(Path.of(args[0]), "/victim")).build();
        for (int i = 0; i < 3; i++) {
            var process = sandbox.start(Command.of("/victim", "daemons", args[1]));
            process.inputReader().readLine();
        }
        System.out.println("ready");
        Thread.sleep(Long.MAX_VALUE);
    }
}
