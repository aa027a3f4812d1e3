package io.cloister.sandbox.linux.kernel;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.policy.LimitItem;

import java.nio.file.Path;

/// A program of its own JVM: runs commands under limits, one or, from several threads, without end.
/// It prints its process id after the first one.
final class LimitedRuns {

    private static final int THREADS = 4;

    private LimitedRuns() {}

    /// @param args the hog's path; then `once`, or a token for the command lines of runs without
    ///   end
    public static void main(String[] args) throws InterruptedException {
        boolean once = args[1].equals("once");
        Sandbox sandbox =
                Sandbox.builder()
                        .readOnly(Path.of(args[0]), "/hog")
                        .memoryLimit(Bytes.mebibytes(32))
                        .pidsLimit(20)
                        .bestEffort(LimitItem.MEMORY, LimitItem.PIDS)
                        .build();
        sandbox.run(Command.of("/hog", "forks", "3"));
        System.out.println(ProcessHandle.current().pid());
        if (once) {
            return;
        }
        for (int i = 0; i < THREADS; i++) {
            Thread.ofPlatform().start(() -> runWithoutEnd(sandbox, args[1]));
        }
    }

    private static void runWithoutEnd(Sandbox sandbox, String token) {
        try {
            for (int i = 0; ; i++) {
                String acts = i % 2 == 0 ? "forks 5 , nap 20 " : "forks 2 , heap 64 ";
                sandbox.run(Command.of("/hog", (acts + token).split(" ")));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
