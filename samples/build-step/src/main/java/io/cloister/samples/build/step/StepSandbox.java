package io.cloister.samples.build.step;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.FileKind;
import io.cloister.sandbox.Outcome.Cancelled;
import io.cloister.sandbox.Outcome.Exited;
import io.cloister.sandbox.Outcome.LimitReached;
import io.cloister.sandbox.Outcome.PolicyViolated;
import io.cloister.sandbox.Outcome.Signalled;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxFileEntry;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFiles;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.syscall.SyscallPolicy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A sandbox for one step: an empty `/work` in memory, into which its inputs are copied, and out of
/// which its outputs are.
final class StepSandbox implements AutoCloseable {
    private static final String WORK = "/work";
    private static final int EXECUTABLE = 0755;
    private static final int PLAIN = 0644;
    private static final int MOST_ENTRIES = 100_000;

    private final Step step;
    private final Sandbox sandbox;

    StepSandbox(Step step) {
        this.step = step;
        StepLimits limits = step.limits();
        Sandbox.Builder builder =
                Sandbox.builder()
                        .syscalls(SyscallPolicy.build())
                        .tmpfs(WORK, limits.filesSize())
                        .workDirectory(WORK)
                        .memoryLimit(limits.memorySize())
                        .wallTimeLimit(limits.time())
                        .bestEffort(LimitItem.MEMORY);
        step.tools().stream()
                .filter(it -> !it.startsWith("/usr/") && !it.startsWith("/bin/"))
                .forEach(it -> builder.readOnly(Path.of(it)));
        sandbox = builder.build();
    }

    /// The policy, as text.
    String policy() {
        return sandbox.spec().toJson();
    }

    /// Runs the step, and copies its outputs and what it wrote to its streams.
    ///
    /// @param root to which the inputs are relative
    /// @param into gets `outputs`, `stdout` and `stderr`
    StepEnd run(Path root, List<InputFile> inputs, Path into)
            throws IOException, InterruptedException {
        try (SandboxSession session = sandbox.open()) {
            SandboxFiles files = session.files();
            for (InputFile input : inputs) {
                SandboxPath path = inside(input.path());
                files.createDirectories(path.parent().orElse(SandboxPath.ROOT), EXECUTABLE);
                Path content = root.resolve(input.path());
                files.write(path, content, input.isExecutable() ? EXECUTABLE : PLAIN);
            }
            SandboxResult result =
                    session.run(Command.of(step.command()).environment(step.environment()));
            Files.write(into.resolve("stdout"), result.stdout());
            Files.write(into.resolve("stderr"), result.stderr());
            if (!result.outcome().isSuccess()) {
                return new StepEnd.Failed(failure(result));
            }
            return collect(files, inputs, into);
        } catch (SandboxFileException e) {
            return new StepEnd.Failed(e.getMessage());
        }
    }

    private StepEnd collect(SandboxFiles files, List<InputFile> inputs, Path into)
            throws IOException {
        for (String output : step.outputs()) {
            if (files.stat(inside(output)).isEmpty()) {
                return new StepEnd.Failed("it did not make its output " + output);
            }
            Path outside = into.resolve("outputs").resolve(output);
            Files.createDirectories(outside.getParent());
            files.copyOut(
                    inside(output),
                    outside,
                    CopyOptions.defaults().maxBytes(step.limits().filesSize()));
        }
        Set<String> declared = inputs.stream().map(InputFile::path).collect(Collectors.toSet());
        List<String> dropped = new ArrayList<>();
        findOthers(files, SandboxPath.of(WORK), "", declared, dropped);
        return new StepEnd.Made(dropped);
    }

    private void findOthers(
            SandboxFiles files,
            SandboxPath directory,
            String prefix,
            Set<String> declared,
            List<String> others) {
        for (SandboxFileEntry entry : files.list(directory, MOST_ENTRIES)) {
            // A name that is no text is written out, and so is nothing that was declared.
            String name =
                    prefix + SandboxPath.ROOT.resolve(entry.path().name()).toString().substring(1);
            boolean isOutput = step.outputs().stream().anyMatch(it -> StepGraph.isWithin(name, it));
            if (isOutput || declared.contains(name)) {
                continue;
            }
            if (entry.kind() == FileKind.DIRECTORY) {
                findOthers(files, entry.path(), name + "/", declared, others);
            } else {
                others.add(name);
            }
        }
    }

    private static SandboxPath inside(String path) {
        return SandboxPath.of(WORK + "/" + path);
    }

    private static String failure(SandboxResult result) {
        return switch (result.outcome()) {
            case Exited(int code) -> "exit code " + code;
            case Signalled(var signal) -> "it died of " + signal;
            case LimitReached(var limit) -> limit + " limit reached; " + result.evidence();
            case PolicyViolated(var call) -> "forbidden system call " + call;
            case Cancelled _ -> "cancelled";
        };
    }

    @Override
    public void close() {
        sandbox.close();
    }
}
