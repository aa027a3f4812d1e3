package io.cloister.sandbox.linux.kernel;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxResult;

/// A JVM of its own that runs one command, in the tier that its argument names, and says how it
/// went; or that starts one which tells where it is, and waits.
final class ConfinedMain {

    private ConfinedMain() {}

    public static void main(String[] args) throws Exception {
        Sandbox.Builder builder = Sandbox.builder();
        switch (args[0]) {
            case "confined", "sleep", "detach" -> builder.confined();
            case "needed" -> builder.confinedIfNeeded();
            default -> {}
        }
        try (Sandbox sandbox = builder.build()) {
            if (args[0].equals("sleep")) {
                SandboxProcess process =
                        sandbox.start(Command.of("/bin/sh", "-c", "pwd; exec sleep 60"));
                System.out.println(process.inputReader().readLine());
                process.waitFor();
                return;
            }
            if (args[0].equals("detach")) {
                String script = "(sh -c 'sleep 60; true' " + args[1] + " &); echo $0; sleep 60";
                SandboxProcess process =
                        sandbox.start(Command.of("/bin/sh", "-c", script, args[1]));
                System.out.println(process.inputReader().readLine());
                process.waitFor();
                return;
            }
            SandboxResult result = sandbox.run("/bin/sh", "-c", "echo x > f");
            System.out.println("exit " + ((Outcome.Exited) result.outcome()).code());
            result.enforced().forEach(System.out::println);
        } catch (SandboxException e) {
            System.out.println(e.getMessage());
        }
    }
}
