package io.cloister.samples.judge.box;

import io.cloister.samples.judge.language.Language;
import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.syscall.SyscallProfile;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The sandboxes of the judge: warm ones for programs, and for each compiler a new one.
/// Thread-safe.
///
/// All see the programs of the host read-only, the runtimes of all languages, and `/box`, a
/// directory in memory that they may write to. Limits on memory and processes are kept as well as
/// the host can: without control groups a fast program can outrun them for a moment.
public final class Boxes implements AutoCloseable {
    /// Where source and program are.
    public static final String BOX = "/box";

    /// The room in `/box`, and in `/tmp`. Together less than any memory limit of a problem by some,
    /// so that who fills it reaches the same limit each time.
    public static final Bytes ROOM = Bytes.mebibytes(32);

    private static final Bytes COMPILER_ROOM = Bytes.mebibytes(64);
    private static final Bytes COMPILER_MEMORY = Bytes.mebibytes(768);
    private static final int COMPILER_PROCESSES = 64;
    private static final Duration COMPILER_TIME = Duration.ofSeconds(10);
    private static final Duration COMPILER_WALL_TIME = Duration.ofSeconds(40);
    private static final Bytes COMPILER_OUTPUT = Bytes.mebibytes(1);
    private static final Bytes MOST_MEMORY = Bytes.gibibytes(4);
    private static final int MOST_PROCESSES = 4096;
    private static final Path SYSTEM = Path.of("/usr");
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final BiConsumer<String, Sandbox.Builder> customizer;
    private final List<Bind> runtimes;
    private final Map<SyscallProfile, Sandbox> compilers;
    private final Map<SyscallProfile, SandboxPool> programs;
    private final Map<SyscallProfile, SandboxPool> validators;

    /// Those above and those of the pools.
    private final List<Sandbox> all = new ArrayList<>();

    /// Makes the sandboxes; each pool opens its first one in the background.
    ///
    /// @param languages what is compiled and run in them
    /// @param slots how many programs run at the same time
    public Boxes(Collection<Language> languages, int slots) {
        this(languages, slots, (_, _) -> {});
    }

    /// Makes the sandboxes of policies that get something added.
    ///
    /// @param languages what is compiled and run in them
    /// @param slots how many programs run at the same time
    /// @param customizer adds to the policies of `compiler`, `program` and `validator`, such as
    ///   listeners
    public Boxes(
            Collection<Language> languages,
            int slots,
            BiConsumer<String, Sandbox.Builder> customizer) {
        this.customizer = customizer;
        runtimes =
                languages.stream()
                        .flatMap(Boxes::runtime)
                        .distinct()
                        .filter(path -> !path.startsWith(SYSTEM))
                        .map(path -> Bind.readOnly(path).skipIfMissing())
                        .toList();
        List<SyscallProfile> profiles =
                languages.stream().map(Language::syscalls).distinct().toList();
        compilers = each(profiles, this::compilerPolicy);
        programs = each(profiles, profile -> pool("program", profile, 1, slots));
        validators = each(profiles, profile -> pool("validator", profile, 0, slots));
    }

    private SandboxPool pool(String name, SyscallProfile profile, int least, int most) {
        return SandboxPool.of(built(name, policy(profile).tmpfs(BOX, ROOM)))
                .size(least, most)
                .patience(PATIENCE)
                .build();
    }

    private static <T> Map<SyscallProfile, T> each(
            List<SyscallProfile> profiles, Function<SyscallProfile, T> maker) {
        return profiles.stream()
                .collect(Collectors.toMap(Function.identity(), maker, (a, _) -> a, TreeMap::new));
    }

    private static Stream<Path> runtime(Language language) {
        Stream<Path> home =
                language.jdk().isPresent()
                        ? language.needs().stream().map(java -> java.getParent().getParent())
                        : Stream.empty();
        return Stream.concat(home, language.files().stream());
    }

    private Sandbox compilerPolicy(SyscallProfile profile) {
        return built(
                "compiler",
                policy(profile)
                        .tmpfs(BOX, COMPILER_ROOM)
                        .memoryLimit(COMPILER_MEMORY)
                        .pidsLimit(COMPILER_PROCESSES)
                        .cpuTimeLimit(COMPILER_TIME)
                        .wallTimeLimit(COMPILER_WALL_TIME)
                        .outputLimit(COMPILER_OUTPUT)
                        .bestEffort(LimitItem.MEMORY, LimitItem.PIDS, LimitItem.CPU_TIME));
    }

    private Sandbox built(String name, Sandbox.Builder policy) {
        customizer.accept(name, policy);
        Sandbox sandbox = policy.build();
        all.add(sandbox);
        return sandbox;
    }

    /// {@return the policy of programs, without `/box`}
    ///
    /// @param profile their system calls
    public Sandbox.Builder policy(SyscallProfile profile) {
        Sandbox.Builder policy =
                Sandbox.builder()
                        .syscalls(profile.policy())
                        .scratchSize(ROOM)
                        .environment("PATH", "/usr/bin:/bin")
                        .environment("LANG", "C.UTF-8")
                        .environment("HOME", BOX)
                        // Those of each command stand below them.
                        .memoryLimit(MOST_MEMORY)
                        .pidsLimit(MOST_PROCESSES)
                        .bestEffort(LimitItem.MEMORY, LimitItem.PIDS);
        runtimes.forEach(policy::mount);
        return policy.workDirectory(BOX);
    }

    /// {@return where compilers run, each in a sandbox of its own}
    ///
    /// @param profile their system calls
    public Sandbox compiler(SyscallProfile profile) {
        return compilers.get(profile);
    }

    /// {@return warm sandboxes for programs}
    ///
    /// @param profile their system calls
    public SandboxPool programs(SyscallProfile profile) {
        return programs.get(profile);
    }

    /// {@return warm sandboxes for validators; what submissions get never saw an answer}
    ///
    /// @param profile their system calls
    public SandboxPool validators(SyscallProfile profile) {
        return validators.get(profile);
    }

    /// Ends all of them.
    @Override
    public void close() {
        programs.values().forEach(SandboxPool::close);
        validators.values().forEach(SandboxPool::close);
        all.forEach(Sandbox::close);
    }
}
