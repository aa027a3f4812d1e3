package io.cloister.samples.judge.language;

import io.cloister.samples.judge.yaml.Fields;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.Signal;
import io.cloister.sandbox.syscall.SyscallProfile;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;

/// A language as its description says: data, and no code of its own.
///
/// @param id a short name: `java25`
/// @param name for people: `Java 25`
/// @param extensions ends of file names that are taken for it, without the dot
/// @param jdk the version of the JDK that it needs
/// @param source what the file of a submission is called
/// @param needs programs of the host without which there is no such language
/// @param version the command that tells the version of the compiler
/// @param compile the command of the compiler
/// @param run the command of a program
/// @param files what the runtime reads beside the programs of the host
/// @param syscalls the profile of system calls of the program and its compiler
/// @param timeFactor what the time limit of a problem is multiplied by
/// @param extraMemory what the runtime needs beyond the memory limit of a problem
/// @param processes processes and threads at one time
/// @param outOfMemory how the runtime ends a program when the heap that it was given is full
public record Language(
        String id,
        String name,
        List<String> extensions,
        OptionalInt jdk,
        String source,
        List<Path> needs,
        List<String> version,
        List<String> compile,
        List<String> run,
        List<Path> files,
        SyscallProfile syscalls,
        double timeFactor,
        Bytes extraMemory,
        int processes,
        Optional<Outcome> outOfMemory) {

    private static final Set<String> FIELDS =
            Set.of(
                    "id",
                    "name",
                    "extensions",
                    "jdk",
                    "source",
                    "needs",
                    "version",
                    "compile",
                    "run",
                    "files",
                    "syscalls",
                    "time",
                    "memory",
                    "processes",
                    "outOfMemory");
    private static final double MOST_TIMES = 100;
    private static final double MOST_MEBIBYTES = 65_536;
    private static final double MOST_PROCESSES = 4096;
    private static final double MOST_VERSION = 1000;

    /// Copies the lists.
    public Language {
        extensions = List.copyOf(extensions);
        needs = List.copyOf(needs);
        version = List.copyOf(version);
        compile = List.copyOf(compile);
        run = List.copyOf(run);
        files = List.copyOf(files);
    }

    /// {@return the language that a description is about}
    ///
    /// @param fields the description
    static Language read(Fields fields) {
        fields.requireKnown(FIELDS);
        String profile = fields.text("syscalls");
        return new Language(
                fields.text("id"),
                fields.text("name"),
                fields.words("extensions"),
                fields.has("jdk")
                        ? OptionalInt.of((int) fields.number("jdk", 0, 1, MOST_VERSION))
                        : OptionalInt.empty(),
                fields.text("source"),
                fields.words("needs").stream().map(Path::of).toList(),
                command(fields, "version"),
                command(fields, "compile"),
                command(fields, "run"),
                fields.words("files").stream().map(Path::of).toList(),
                SyscallProfile.named(profile)
                        .orElseThrow(() -> fields.wrong("syscalls", "is no profile: " + profile)),
                fields.number("time", 1, 1, MOST_TIMES),
                Bytes.mebibytes((long) fields.number("memory", 0, 0, MOST_MEBIBYTES)),
                (int) fields.number("processes", 1, 1, MOST_PROCESSES),
                fields.optionalText("outOfMemory").map(end -> ending(fields, end)));
    }

    /// An exit code, or a signal.
    private static Outcome ending(Fields fields, String text) {
        try {
            return Character.isDigit(text.charAt(0))
                    ? new Outcome.Exited(Integer.parseInt(text))
                    : new Outcome.Signalled(Signal.of(text));
        } catch (IllegalArgumentException e) {
            throw fields.wrong("outOfMemory", "must be an exit code or a signal, was " + text);
        }
    }

    private static List<String> command(Fields fields, String name) {
        List<String> words = fields.words(name);
        if (words.isEmpty()) {
            throw fields.wrong(name, "is missing");
        }
        return words;
    }

    /// {@return this language with the home of its JDK in its commands}
    ///
    /// @param home where it is
    Language withJdk(Path home) {
        UnaryOperator<String> place = word -> word.replace("{jdk}", home.toString());
        return new Language(
                id,
                name,
                extensions,
                jdk,
                source,
                List.of(home.resolve("bin/java"), home.resolve("bin/javac")),
                version.stream().map(place).toList(),
                compile.stream().map(place).toList(),
                run.stream().map(place).toList(),
                files,
                syscalls,
                timeFactor,
                extraMemory,
                processes,
                outOfMemory);
    }

    /// {@return the command of a program that may use so much memory}
    ///
    /// @param memory the memory limit of the problem
    public List<String> run(Bytes memory) {
        String mebibytes = String.valueOf(Math.max(1, memory.value() / Bytes.mebibytes(1).value()));
        return run.stream().map(word -> word.replace("{memory}", mebibytes)).toList();
    }

    /// {@return the time limit of a problem for programs in this language}
    ///
    /// @param ofProblem the time limit of the problem
    public Duration time(Duration ofProblem) {
        return Duration.ofMillis(Math.round(ofProblem.toMillis() * timeFactor));
    }

    /// {@return the memory that a program may use, its runtime included}
    ///
    /// @param ofProblem the memory limit of the problem
    public Bytes memory(Bytes ofProblem) {
        return Bytes.of(ofProblem.value() + extraMemory.value());
    }
}
