package io.cloister.sandbox.bubblewrap;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;

import java.util.List;
import java.util.Objects;
import java.util.Set;

/// A command line of bubblewrap, up to version 0.11, as a policy and a command.
///
/// Nothing is dropped in silence: what cannot be done stands in `notHonoured`, and what would be
/// dangerous or meaningless to leave out is refused. The table `docs/bubblewrap.md` of the project
/// goes through every option. A namespace that the line does not unshare is the host's, as with
/// bubblewrap; what it does not speak of is as in [SandboxSpec#strict()]: the limits, and the
/// standard filter of system calls.
///
/// @param spec the policy
/// @param command the command
/// @param supervision what is to be done around the run, which no policy can say
/// @param notHonoured what the line says and is not done: a sentence each, the option in front
public record BubblewrapCommand(
        SandboxSpec spec, Command command, Supervision supervision, List<String> notHonoured) {

    /// Copies.
    public BubblewrapCommand {
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(command, "command");
        Objects.requireNonNull(supervision, "supervision");
        notHonoured = List.copyOf(notHonoured);
    }

    /// Reads a command line.
    ///
    /// @param words the words behind `bwrap`
    /// @param caller whose environment, directory and descriptors it is about
    /// @return what it says
    /// @throws IllegalArgumentException if it is none, or has what is refused; the message begins
    ///   with the option and its place, as in `--overlay (word 3): ...`
    /// @throws java.io.UncheckedIOException if a descriptor that it names cannot be read
    public static BubblewrapCommand parse(List<String> words, BubblewrapCaller caller) {
        return new Translation(caller).translate(Line.read(words, caller));
    }

    /// {@return the names of all options that are known, such as `--ro-bind`}
    public static Set<String> options() {
        return Option.names();
    }

    /// {@return a builder that starts from the policy}
    public Sandbox.Builder builder() {
        return spec.toBuilder();
    }
}
