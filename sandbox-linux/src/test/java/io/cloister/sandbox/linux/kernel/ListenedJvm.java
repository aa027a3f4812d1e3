package io.cloister.sandbox.linux.kernel;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxException;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAnswer;
import io.cloister.sandbox.syscall.SyscallPolicy;

/// A program of its own JVM: prints how a run ends whose command makes a forbidden call, and then
/// what comes of a policy that asks the JVM.
final class ListenedJvm {

    private ListenedJvm() {}

    public static void main(String[] args) throws InterruptedException {
        SyscallPolicy forbidding = SyscallPolicy.standard().kill(Syscall.GETPPID);
        try (Sandbox sandbox = Sandbox.builder().syscalls(forbidding).build()) {
            System.out.println(sandbox.run(Command.of("/bin/sh", "-c", "echo x")).outcome());
        }
        try (Sandbox sandbox =
                Sandbox.builder().onSyscall(Syscall.GETPPID, _ -> SyscallAnswer.value(7)).build()) {
            System.out.println(sandbox.run("/bin/sh", "-c", "echo $PPID").stdoutText().strip());
        } catch (SandboxException e) {
            System.out.println(e.getMessage());
        }
    }
}
