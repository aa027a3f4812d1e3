package io.cloister.samples.judge.compile;

import io.cloister.samples.judge.box.Boxes;
import io.cloister.samples.judge.engine.HostFaultException;
import io.cloister.samples.judge.language.Language;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.CollectedFiles;
import io.cloister.sandbox.Command;
import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.Limit;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.OutputFiles;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.SandboxResult;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.VisibleText;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// Compiles sources. Thread-safe.
///
/// A compiler gets a sandbox that nobody had before and nobody gets after it; what it leaves in
/// `/box` is copied out when all of its processes are dead. Links, FIFOs and the like among that
/// are refused, and so is more than [#LARGEST].
public final class Compiler {
    /// What an artifact may have.
    public static final Bytes LARGEST = Bytes.mebibytes(16);

    private static final int MOST_FILES = 1000;
    private static final int SHOWN = 8192;

    /// Why what is there cannot be taken, where the compiler made it so.
    private static final Set<Reason> OF_COMPILER =
            Set.of(
                    Reason.LINK,
                    Reason.NOT_REGULAR,
                    Reason.MOUNT,
                    Reason.TOO_LARGE,
                    Reason.TOO_MANY);

    private static final SandboxPath BOX = SandboxPath.of(Boxes.BOX);

    private final Boxes boxes;
    private final ArtifactCache cache;
    private final Semaphore slots;

    /// Of compilers as they were on the disk.
    private final Map<String, String> versions = new ConcurrentHashMap<>();

    /// Makes a compiler.
    ///
    /// @param boxes where it runs
    /// @param directory where artifacts are kept; made if it is missing
    /// @param most how many bytes they may have together
    /// @param slots it takes one while it runs
    public Compiler(Boxes boxes, Path directory, Bytes most, Semaphore slots) {
        this.slots = slots;
        this.boxes = boxes;
        this.cache = new ArtifactCache(directory, most);
    }

    /// {@return what came of a source; the same source is compiled once}
    ///
    /// @param language its language
    /// @param source its text
    /// @throws CompileErrorException if it cannot be compiled within the limits
    /// @throws InterruptedException if the thread is interrupted; nothing goes on running
    /// @throws IOException if the cache cannot be written
    public Artifact compile(Language language, String source)
            throws CompileErrorException, InterruptedException, IOException {
        return cache.get(key(language, source), target -> make(language, source, target));
    }

    /// Whoever waits for another that compiles the same has no slot meanwhile.
    private void make(Language language, String source, Path target)
            throws CompileErrorException, InterruptedException {
        slots.acquire();
        try {
            makeAlone(language, source, target);
        } finally {
            slots.release();
        }
    }

    private void makeAlone(Language language, String source, Path target)
            throws CompileErrorException, InterruptedException {
        try (SandboxSession session = boxes.compiler(language.syscalls()).open()) {
            session.files()
                    .write(
                            Boxes.BOX + "/" + language.source(),
                            source.getBytes(StandardCharsets.UTF_8));
            SandboxResult result =
                    session.run(
                            Command.of(language.compile())
                                    .mergeStderr()
                                    .collect(
                                            new OutputFiles(
                                                    BOX,
                                                    target,
                                                    CopyOptions.defaults()
                                                            .maxBytes(LARGEST)
                                                            .maxEntries(MOST_FILES))));
            String output = VisibleText.lines(result.stdout(), SHOWN);
            String problem = problem(result.outcome());
            if (!problem.isEmpty()) {
                throw new CompileErrorException("the compiler " + problem, output);
            }
            if (result.outputs().get(BOX) instanceof CollectedFiles.Missing(var cause)) {
                if (!OF_COMPILER.contains(cause.reason())) {
                    throw cause;
                }
                throw new CompileErrorException(
                        "what the compiler made cannot be taken: " + cause.getMessage(), output);
            }
        }
    }

    private static String problem(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Exited(int code) -> code == 0 ? "" : "ended with exit code " + code;
            case Outcome.Signalled(var signal) -> "died of " + signal;
            case Outcome.LimitReached(Limit limit) -> "reached its limit of " + name(limit);
            case Outcome.PolicyViolated(String call) -> "made a forbidden system call: " + call;
            case Outcome.Cancelled _ ->
                    throw new HostFaultException("the run of the compiler was cancelled");
        };
    }

    private static String name(Limit limit) {
        return switch (limit) {
            case CPU_TIME -> "processor time";
            case WALL_TIME, IDLE -> "time";
            case MEMORY -> "memory";
            case PIDS -> "processes";
            case OUTPUT -> "messages";
            case DISK -> "the size of files";
        };
    }

    /// All that an artifact depends on.
    private String key(Language language, String source) throws InterruptedException, IOException {
        String files = files(language);
        String version = versions.get(files);
        if (version == null) {
            version = version(language);
            versions.put(files, version);
        }
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            for (String part :
                    new String[] {
                        System.getProperty("os.arch"), language.toString(), files, version, source
                    }) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                // With its length, so that no part can pass for the beginning of the next.
                hash.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
                hash.update(bytes);
            }
            return HexFormat.of().formatHex(hash.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// The programs of a language, their times and sizes: another one may be installed while the
    /// judge runs.
    private static String files(Language language) throws IOException {
        StringBuilder files = new StringBuilder(language.id());
        for (Path program : language.needs()) {
            Path real = program.toRealPath();
            files.append(' ')
                    .append(real)
                    .append(' ')
                    .append(Files.getLastModifiedTime(real).toMillis())
                    .append(' ')
                    .append(Files.size(real));
        }
        return files.toString();
    }

    private String version(Language language) throws InterruptedException, IOException {
        SandboxResult result =
                boxes.compiler(language.syscalls())
                        .run(Command.of(language.version()).mergeStderr());
        if (!result.outcome().isSuccess()) {
            throw new IOException(
                    "%s fails in a sandbox (%s): %s"
                            .formatted(
                                    String.join(" ", language.version()),
                                    result.outcome(),
                                    VisibleText.line(result.stdoutText(), SHOWN)));
        }
        return result.stdoutText();
    }
}
