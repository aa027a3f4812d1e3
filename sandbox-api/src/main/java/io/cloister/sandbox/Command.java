package io.cloister.sandbox;

import io.cloister.sandbox.check.Paths;
import io.cloister.sandbox.check.Texts;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// A program with its arguments, and what belongs to one run of it. Immutable: each method that
/// sets something returns another command.
///
/// No shell is involved. Streams that are not set are chosen by the call that runs the command:
/// [Sandbox#run(Command)] gives empty input and captures both outputs, [Sandbox#start(Command)]
/// gives pipes.
public final class Command {
    private static final int FIRST_DESCRIPTOR = 3;
    private static final int LAST_DESCRIPTOR = 1023;

    private final List<String> words;
    private final @Nullable String argv0;
    private final Map<String, String> environment;
    private final @Nullable String workDirectory;
    private final @Nullable Input stdin;
    private final @Nullable Output stdout;
    private final @Nullable Output stderr;
    private final Map<Integer, Integer> descriptors;
    private final List<OutputFiles> outputFiles;
    private final @Nullable TerminalSettings terminal;
    private final @Nullable CommandUser user;

    private Command(Draft draft) {
        if (draft.terminal != null
                && draft.stderr != null
                && !(draft.stderr instanceof Output.MergeWithStdout)) {
            throw new IllegalArgumentException(
                    "stderr must not be set with a terminal, which shows both outputs");
        }
        if (draft.terminal != null && draft.stdin instanceof Input.Socket) {
            throw new IllegalArgumentException(
                    "stdin must not be socket() with a terminal, from which the program reads");
        }
        this.terminal = draft.terminal;
        this.user = draft.user;
        this.words = List.copyOf(draft.words);
        this.argv0 = draft.argv0;
        this.environment = Collections.unmodifiableMap(draft.environment);
        this.workDirectory = draft.workDirectory;
        this.stdin = draft.stdin;
        this.stdout = draft.stdout;
        this.stderr = draft.stderr;
        this.descriptors = Collections.unmodifiableMap(draft.descriptors);
        this.outputFiles = List.copyOf(draft.outputFiles);
    }

    /// {@return a program with arguments}
    ///
    /// A program without a slash is looked for in the directories of `PATH`, as the sandbox sees
    /// both; with one it is a path inside the sandbox.
    ///
    /// @param program the program, not empty
    /// @param args its arguments, without the program itself
    /// @throws IllegalArgumentException if one of them holds a NUL, or the program is empty
    public static Command of(String program, String... args) {
        List<String> words = new ArrayList<>(args.length + 1);
        words.add(program);
        words.addAll(List.of(args));
        return of(words);
    }

    /// {@return a program with arguments; see [#of(String, String...)]}
    ///
    /// @param words the program, then its arguments
    /// @throws IllegalArgumentException if there is no program
    public static Command of(List<String> words) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("a command needs a program, was an empty list");
        }
        if (words.getFirst().isEmpty()) {
            throw new IllegalArgumentException("program must not be empty");
        }
        Draft draft = new Draft();
        for (String word : words) {
            draft.word(word);
        }
        return new Command(draft);
    }

    /// Appends arguments.
    ///
    /// @param args the further arguments
    /// @return the changed command
    /// @throws IllegalArgumentException if one of them holds a NUL
    public Command args(String... args) {
        Draft draft = new Draft(this);
        for (String arg : args) {
            draft.word(arg);
        }
        return new Command(draft);
    }

    /// Sets what the program sees as its own name, `argv[0]`. By default it is the program.
    ///
    /// @param name the name
    /// @return the changed command
    /// @throws IllegalArgumentException if it holds a NUL
    public Command argv0(String name) {
        Draft draft = new Draft(this);
        draft.argv0 = Texts.withoutNul("argv0", name);
        return new Command(draft);
    }

    /// Sets an environment variable for this run, over one of the same name of the sandbox.
    ///
    /// @param name the name
    /// @param value its value
    /// @return the changed command
    /// @throws IllegalArgumentException if the name is empty or holds `=` or a NUL, or the value
    ///   holds a NUL
    public Command environment(String name, String value) {
        return environment(Map.of(name, value));
    }

    /// Sets environment variables for this run; see [#environment(String, String)].
    ///
    /// @param variables names to values
    /// @return the changed command
    public Command environment(Map<String, String> variables) {
        Draft draft = new Draft(this);
        variables.forEach((name, value) -> {
            Checks.environment(name, value);
            draft.environment.put(name, value);
        });
        return new Command(draft);
    }

    /// Sets the directory of the sandbox in which the command starts. By default it is that of the
    /// sandbox.
    ///
    /// @param directory an absolute path inside the sandbox; if there is no such directory the
    ///   launch fails
    /// @return the changed command
    /// @throws IllegalArgumentException if it is not absolute or holds a control character
    public Command workDirectory(String directory) {
        Draft draft = new Draft(this);
        draft.workDirectory = Paths.inside("workDirectory", directory);
        return new Command(draft);
    }

    /// Runs the command as another user of the sandbox, without supplementary groups; see
    /// [#user(CommandUser)].
    ///
    /// @param uid the user id as the program sees it
    /// @param gid the group id as the program sees it
    /// @return the changed command
    /// @throws IllegalArgumentException if one of them is negative
    public Command user(int uid, int gid) {
        return user(new CommandUser(uid, gid, List.of()));
    }

    /// Runs the command as another user of the sandbox. By default it is the user of the policy.
    ///
    /// All its ids must be mapped: the policy has ranges of users and groups with them, by
    /// [Sandbox.Builder#mapUids] and [Sandbox.Builder#mapGids]; else starting it throws
    /// [IllegalArgumentException]. Directories of the sandbox, but for those that anyone may write
    /// to such as `/tmp`, belong to the user of the policy.
    ///
    /// - **Kernel:** setresuid(2), setresgid(2), setgroups(2).
    ///
    /// @param who the user, its group and its supplementary groups
    /// @return the changed command
    public Command user(CommandUser who) {
        Draft draft = new Draft(this);
        draft.user = Objects.requireNonNull(who, "user");
        return new Command(draft);
    }

    /// Reads standard input from a file of the host; see [Input#file(Path)].
    ///
    /// @param file a file of the host
    /// @return the changed command
    public Command stdin(Path file) {
        return stdin(Input.file(file));
    }

    /// Reads standard input from these bytes; see [Input#bytes(byte\[\])].
    ///
    /// @param bytes the bytes; they are copied
    /// @return the changed command
    public Command stdin(byte[] bytes) {
        return stdin(Input.bytes(bytes));
    }

    /// Sets where standard input comes from.
    ///
    /// @param input the input
    /// @return the changed command
    public Command stdin(Input input) {
        Draft draft = new Draft(this);
        draft.stdin = Objects.requireNonNull(input, "stdin");
        return new Command(draft);
    }

    /// Sets where standard output goes.
    ///
    /// @param output the output
    /// @return the changed command
    /// @throws IllegalArgumentException if it is [Output#merge()], which is for standard error
    public Command stdout(Output output) {
        if (output instanceof Output.MergeWithStdout) {
            throw new IllegalArgumentException("stdout must not be merge(): only stderr can be");
        }
        Draft draft = new Draft(this);
        draft.stdout = Objects.requireNonNull(output, "stdout");
        return new Command(draft);
    }

    /// Sets where standard error goes.
    ///
    /// @param output the output
    /// @return the changed command
    public Command stderr(Output output) {
        Draft draft = new Draft(this);
        draft.stderr = Objects.requireNonNull(output, "stderr");
        return new Command(draft);
    }

    /// Sends standard error to where standard output goes; see [Output#merge()].
    ///
    /// @return the changed command
    public Command mergeStderr() {
        return stderr(Output.merge());
    }

    /// Passes an open descriptor of the JVM's process to the command.
    ///
    /// It opens a hole: the program can do with it what the JVM could. By default it gets 0, 1 and
    /// 2 alone. Where the kernel has Landlock, a file of the host cannot be opened again through
    /// `/proc/self/fd` (`EACCES`).
    ///
    /// @param number what it is to the program, 3 to 1023
    /// @param hostDescriptor what it is to the JVM's process; it stays open there
    /// @return the changed command
    /// @throws IllegalArgumentException if one of them is out of range, or `number` was given
    public Command descriptor(int number, int hostDescriptor) {
        if (number < FIRST_DESCRIPTOR || number > LAST_DESCRIPTOR) {
            throw new IllegalArgumentException(
                    "number must be %d to %d, was %d"
                            .formatted(FIRST_DESCRIPTOR, LAST_DESCRIPTOR, number));
        }
        if (hostDescriptor < 0) {
            throw new IllegalArgumentException(
                    "hostDescriptor must be >= 0, was " + hostDescriptor);
        }
        Draft draft = new Draft(this);
        if (draft.descriptors.putIfAbsent(number, hostDescriptor) != null) {
            throw new IllegalArgumentException("descriptor " + number + " was given already");
        }
        return new Command(draft);
    }

    /// Copies a file or a tree out of the sandbox when the run is over; see
    /// [#collect(OutputFiles)]. Links, FIFOs, sockets and devices in it are refused, and so is more
    /// than 1 GiB or 100,000 entries.
    ///
    /// @param inside a file or a directory of the sandbox
    /// @param outside what the copy becomes, on the host
    /// @return the changed command
    /// @throws IllegalArgumentException if one of them is not absolute and normalized, or `inside`
    ///   was given already
    public Command collect(String inside, Path outside) {
        return collect(new OutputFiles(SandboxPath.of(inside), outside, CopyOptions.defaults()));
    }

    /// Copies a file or a tree out of the sandbox when the run is over: when all of its processes
    /// are dead, and before its files are gone, however it ended. It is what
    /// [SandboxFiles#copyOut(SandboxPath, Path, CopyOptions)] does; [SandboxResult#outputs()] tells
    /// what came of it.
    ///
    /// @param files what, whereto and how much
    /// @return the changed command
    /// @throws IllegalArgumentException if its path inside was given already
    public Command collect(OutputFiles files) {
        Draft draft = new Draft(this);
        if (draft.outputFiles.stream().anyMatch(f -> f.inside().equals(files.inside()))) {
            throw new IllegalArgumentException(files.inside() + " is collected already");
        }
        draft.outputFiles.add(files);
        return new Command(draft);
    }

    /// Runs the command on a terminal of its own, as a login finds it: a pseudo-terminal is its
    /// standard input, output and error and its controlling terminal, and it leads a session.
    ///
    /// - **Input** is typed, as if by a user; its end is `VEOF` (Ctrl-D). [Input#empty()] is that
    ///   end alone.
    /// - **Output** is what is shown, standard error included. Captures, consumers and the output
    ///   limit take it as they take a pipe's.
    /// - **Inside:** programs that ask see a terminal of this size, `tty` says its name, `/dev/tty`
    ///   opens it. No terminal of the host is within reach.
    /// - **At the end** of the command the terminal hangs up; background processes are killed with
    ///   the run.
    ///
    /// `TERM` is the caller's to set, by [#environment(String, String)].
    ///
    /// @param size its size
    /// @return the changed command
    /// @throws IllegalArgumentException if standard error was set, unless it was to be merged
    public Command terminal(TerminalSize size) {
        return terminal(TerminalSettings.of(size));
    }

    /// Runs the command on a terminal of its own; see [#terminal(TerminalSize)].
    ///
    /// @param settings how the terminal is when the program starts
    /// @return the changed command
    /// @throws IllegalArgumentException if standard error was set, unless it was to be merged
    public Command terminal(TerminalSettings settings) {
        Draft draft = new Draft(this);
        draft.terminal = Objects.requireNonNull(settings, "terminal");
        return new Command(draft);
    }

    /// {@return the program}
    public String program() {
        return words.getFirst();
    }

    /// {@return the arguments, without the program}
    public List<String> arguments() {
        return words.subList(1, words.size());
    }

    /// {@return what the program sees as its own name, if that is not the program}
    public Optional<String> argv0() {
        return Optional.ofNullable(argv0);
    }

    /// {@return the variables set for this run alone, in the order they were set}
    public Map<String, String> environment() {
        return environment;
    }

    /// {@return the directory inside the sandbox, if it is not that of the sandbox}
    public Optional<String> workDirectory() {
        return Optional.ofNullable(workDirectory);
    }

    /// {@return where standard input comes from, if that was set}
    public Optional<Input> stdin() {
        return Optional.ofNullable(stdin);
    }

    /// {@return where standard output goes, if that was set}
    public Optional<Output> stdout() {
        return Optional.ofNullable(stdout);
    }

    /// {@return where standard error goes, if that was set}
    public Optional<Output> stderr() {
        return Optional.ofNullable(stderr);
    }

    /// {@return the descriptors passed: numbers of the program to those of the JVM's process}
    public Map<Integer, Integer> descriptors() {
        return descriptors;
    }

    /// {@return what is copied out of the sandbox when the run is over}
    public List<OutputFiles> outputFiles() {
        return outputFiles;
    }

    /// {@return the terminal that it runs on, if it does}
    public Optional<TerminalSettings> terminal() {
        return Optional.ofNullable(terminal);
    }

    /// {@return whom it runs as, if that was set}
    public Optional<CommandUser> user() {
        return Optional.ofNullable(user);
    }

    /// This command with these streams where it says nothing.
    Command withDefaults(Input input, Output output, Output error) {
        Draft draft = new Draft(this);
        draft.stdin = stdin == null ? input : stdin;
        draft.stdout = stdout == null ? output : stdout;
        draft.stderr = terminal != null ? Output.merge() : stderr == null ? error : stderr;
        return new Command(draft);
    }

    /// The program and the number of arguments; never an argument or a value of the environment.
    @Override
    public String toString() {
        int count = words.size() - 1;
        return program() + " (" + count + (count == 1 ? " argument)" : " arguments)");
    }

    /// A command in the making.
    private static final class Draft {
        private final List<String> words;
        private @Nullable String argv0;
        private final Map<String, String> environment;
        private @Nullable String workDirectory;
        private @Nullable Input stdin;
        private @Nullable Output stdout;
        private @Nullable Output stderr;
        private final Map<Integer, Integer> descriptors;
        private final List<OutputFiles> outputFiles;
        private @Nullable TerminalSettings terminal;
        private @Nullable CommandUser user;

        Draft() {
            words = new ArrayList<>();
            environment = new LinkedHashMap<>();
            descriptors = new LinkedHashMap<>();
            outputFiles = new ArrayList<>();
        }

        Draft(Command command) {
            words = new ArrayList<>(command.words);
            argv0 = command.argv0;
            environment = new LinkedHashMap<>(command.environment);
            workDirectory = command.workDirectory;
            stdin = command.stdin;
            stdout = command.stdout;
            stderr = command.stderr;
            descriptors = new LinkedHashMap<>(command.descriptors);
            outputFiles = new ArrayList<>(command.outputFiles);
            terminal = command.terminal;
            user = command.user;
        }

        void word(String word) {
            int index = words.size();
            words.add(Texts.withoutNul(index == 0 ? "program" : "argument #" + index, word));
        }
    }
}
