package io.cloister.samples.cli;

import static io.cloister.samples.cli.OptionValues.named;
import static io.cloister.samples.cli.OptionValues.refused;
import static io.cloister.samples.cli.OptionValues.set;
import static io.cloister.samples.cli.OptionValues.setAll;
import static io.cloister.samples.cli.Options.isGiven;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallGroup;
import io.cloister.sandbox.syscall.SyscallProfile;
import io.cloister.sandbox.syscall.SyscallRule;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// The options that say which system calls the command may make.
final class SyscallOptions {

    private final OptionSpec profile =
            Options.value(
                            String.class,
                            "--syscalls",
                            "PROFILE",
                            "Which system calls it may make: ${COMPLETION-CANDIDATES}. Default:"
                                    + " standard.")
                    .completionCandidates(SyscallOptions::profiles)
                    .build();

    private final OptionSpec denied =
            Options.texts(
                    "--deny-syscall",
                    "NAME[:ERRNO|kill]",
                    "Close a call, or a group such as @debug: it fails with the error, by default"
                            + " EPERM, or it ends the run. Repeatable; the first that names a call"
                            + " counts.");

    /// Adds them to a command.
    void addTo(CommandSpec command) {
        command.addOption(profile).addOption(denied);
    }

    /// The names of the profiles, for the help.
    private static Iterator<String> profiles() {
        return Stream.of(SyscallProfile.values()).map(SyscallProfile::label).iterator();
    }

    /// Whether a profile was chosen.
    boolean namesProfile() {
        return isGiven(profile);
    }

    /// Hands the policy to `builder`, if an option changes it.
    ///
    /// @throws IllegalArgumentException if a value is refused; the message begins with the option
    void apply(Sandbox.Builder builder) {
        set(
                profile,
                text ->
                        builder.syscalls(
                                named(text, SyscallProfile.values(), SyscallProfile::label)
                                        .policy()));
        List<SyscallRule> rules = new ArrayList<>();
        setAll(denied, text -> rules.addAll(rules(text)));
        if (!rules.isEmpty()) {
            builder.syscalls(builder.spec().syscalls().first(rules));
        }
    }

    private static List<SyscallRule> rules(String text) {
        String[] parts = text.split(":", 2);
        SyscallAction action =
                parts.length < 2 ? SyscallAction.fail(Errno.EPERM) : action(parts[1]);
        return calls(parts[0]).stream()
                .map(call -> SyscallRule.of(call, action, "by --deny-syscall"))
                .toList();
    }

    private static Collection<Syscall> calls(String name) {
        return name.startsWith("@")
                ? named(name, SyscallGroup.values(), SyscallGroup::label).calls()
                : Set.of(
                        Syscall.named(name)
                                .orElseThrow(() ->
                                        refused(
                                                "the name of a system call such as ptrace, or a"
                                                        + " group such as @debug",
                                                name)));
    }

    private static SyscallAction action(String text) {
        return text.equalsIgnoreCase("kill")
                ? SyscallAction.KILL
                : SyscallAction.fail(
                        Errno.named(text.toUpperCase(Locale.ROOT))
                                .orElseThrow(
                                        () -> refused("an error such as EPERM, or kill", text)));
    }
}
