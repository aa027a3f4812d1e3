package io.cloister.sandbox.bubblewrap;

import io.cloister.sandbox.Namespace;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Every option of bubblewrap up to version 0.11, with the number of its arguments and what it
/// means here. Source: bwrap(1).
enum Option {
    HELP("--help", 0, refuse("stands alone; see `sandbox bwrap --help`")),
    VERSION("--version", 0, refuse("stands alone; see `sandbox --version`")),
    /// Expanded by [Line].
    ARGS("--args", 1, (_, _) -> {}),
    ARGV0("--argv0", 1, Translation::argv0),
    LEVEL_PREFIX("--level-prefix", 0, say("messages have no level in front")),

    UNSHARE_ALL("--unshare-all", 0, (t, _) -> t.unshareAll()),
    SHARE_NET("--share-net", 0, (t, _) -> t.share(Namespace.NET)),
    // There is always a new one.
    UNSHARE_USER("--unshare-user", 0, asItIs()),
    UNSHARE_USER_TRY("--unshare-user-try", 0, asItIs()),
    UNSHARE_IPC("--unshare-ipc", 0, (t, _) -> t.unshare(Namespace.IPC)),
    UNSHARE_PID("--unshare-pid", 0, (t, _) -> t.unshare(Namespace.PID)),
    UNSHARE_NET("--unshare-net", 0, (t, _) -> t.unshare(Namespace.NET)),
    UNSHARE_UTS("--unshare-uts", 0, (t, _) -> t.unshare(Namespace.UTS)),
    UNSHARE_CGROUP("--unshare-cgroup", 0, (t, _) -> t.unshare(Namespace.CGROUP)),
    UNSHARE_CGROUP_TRY("--unshare-cgroup-try", 0, (t, _) -> t.unshare(Namespace.CGROUP)),
    USERNS("--userns", 1, refuse("namespaces are made, not joined; leave it out for a new one")),
    USERNS2("--userns2", 1, refuse("namespaces are made, not joined; leave it out")),
    // The standard filter and two locks besides forbid them.
    DISABLE_USERNS("--disable-userns", 0, asItIs()),
    ASSERT_USERNS_DISABLED("--assert-userns-disabled", 0, asItIs()),
    PIDNS("--pidns", 1, refuse("a sandbox joins a session of this library, not a descriptor")),
    UID("--uid", 1, Translation::uid),
    GID("--gid", 1, Translation::gid),
    HOSTNAME("--hostname", 1, Translation::hostName),

    CHDIR("--chdir", 1, Translation::chdir),
    CLEARENV("--clearenv", 0, (t, _) -> t.clearEnvironment()),
    SETENV("--setenv", 2, Translation::setEnvironment),
    UNSETENV("--unsetenv", 1, (t, given) -> t.unsetEnvironment(given.first())),

    LOCK_FILE("--lock-file", 1, say("nothing is locked; `flock` around the command line can")),
    // The process that was given the descriptor keeps it open as long as the sandbox runs.
    SYNC_FD("--sync-fd", 1, asItIs()),
    BLOCK_FD("--block-fd", 1, Translation::block),
    USERNS_BLOCK_FD(
            "--userns-block-fd",
            1,
            refuse("the sandbox maps its user itself; use --uid and --gid")),
    INFO_FD("--info-fd", 1, Translation::info),
    JSON_STATUS_FD("--json-status-fd", 1, Translation::status),

    BIND("--bind", 2, tree((t, g) -> t.bind(g, BindKind.of(true)))),
    BIND_TRY("--bind-try", 2, tree((t, g) -> t.bind(g, BindKind.of(true).unlessMissing()))),
    DEV_BIND("--dev-bind", 2, tree((t, g) -> t.bind(g, BindKind.of(true).withDevices()))),
    DEV_BIND_TRY(
            "--dev-bind-try",
            2,
            tree((t, g) -> t.bind(g, BindKind.of(true).withDevices().unlessMissing()))),
    RO_BIND("--ro-bind", 2, tree((t, g) -> t.bind(g, BindKind.of(false)))),
    RO_BIND_TRY("--ro-bind-try", 2, tree((t, g) -> t.bind(g, BindKind.of(false).unlessMissing()))),
    BIND_FD("--bind-fd", 2, tree((t, g) -> t.bindDescriptor(g, true))),
    RO_BIND_FD("--ro-bind-fd", 2, tree((t, g) -> t.bindDescriptor(g, false))),
    REMOUNT_RO("--remount-ro", 1, tree(Tree::remountReadOnly)),
    OVERLAY_SRC("--overlay-src", 1, noOverlays()),
    OVERLAY("--overlay", 3, noOverlays()),
    TMP_OVERLAY("--tmp-overlay", 1, noOverlays()),
    RO_OVERLAY("--ro-overlay", 1, noOverlays()),
    PROC("--proc", 1, tree(Tree::proc)),
    DEV("--dev", 1, tree(Tree::devices)),
    TMPFS("--tmpfs", 1, (t, g) -> t.tree().tmpfs(g, t.takeMode(), t.takeSize())),
    MQUEUE("--mqueue", 1, tree(Tree::messageQueues)),
    DIR("--dir", 1, (t, g) -> t.tree().directory(g, t.takeMode())),
    FILE("--file", 2, (t, g) -> t.tree().file(g, t.read(g), t.takeMode())),
    BIND_DATA("--bind-data", 2, (t, g) -> t.tree().data(g, t.read(g), t.takeMode(), true)),
    RO_BIND_DATA("--ro-bind-data", 2, (t, g) -> t.tree().data(g, t.read(g), t.takeMode(), false)),
    SYMLINK("--symlink", 2, tree(Tree::symlink)),
    PERMS("--perms", 1, Translation::mode),
    SIZE("--size", 1, Translation::size),
    CHMOD("--chmod", 2, tree(Tree::changeMode)),

    SECCOMP("--seccomp", 1, noPrograms()),
    ADD_SECCOMP_FD("--add-seccomp-fd", 1, noPrograms()),
    EXEC_LABEL("--exec-label", 1, say("the sandbox has its own confinement")),
    FILE_LABEL("--file-label", 1, say("the sandbox has its own confinement")),
    // There is always a session of its own, and no terminal.
    NEW_SESSION("--new-session", 0, asItIs()),
    DIE_WITH_PARENT("--die-with-parent", 0, (t, _) -> t.dieWithParent()),
    AS_PID_1("--as-pid-1", 0, Translation::asFirst),
    CAP_ADD("--cap-add", 1, Translation::addCapability),
    CAP_DROP("--cap-drop", 1, Translation::dropCapability);

    private static final Map<String, Option> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(Option::label, Function.identity()));

    private final String label;
    private final int arity;
    private final BiConsumer<Translation, Given> meaning;

    Option(String label, int arity, BiConsumer<Translation, Given> meaning) {
        this.label = label;
        this.arity = arity;
        this.meaning = meaning;
    }

    static Optional<Option> find(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    static Set<String> names() {
        return Arrays.stream(values())
                .map(Option::label)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /// As it is written, for example `--ro-bind`.
    String label() {
        return label;
    }

    /// How many arguments follow.
    int arity() {
        return arity;
    }

    void apply(Translation translation, Given given) {
        meaning.accept(translation, given);
    }

    private static BiConsumer<Translation, Given> asItIs() {
        return (_, _) -> {};
    }

    private static BiConsumer<Translation, Given> say(String reason) {
        return (t, given) -> t.note(given.note(reason));
    }

    private static BiConsumer<Translation, Given> refuse(String reason) {
        return (_, given) -> {
            throw given.refused(reason);
        };
    }

    private static BiConsumer<Translation, Given> tree(BiConsumer<Tree, Given> operation) {
        return (t, given) -> operation.accept(t.tree(), given);
    }

    private static BiConsumer<Translation, Given> noOverlays() {
        return refuse("there are no overlays; bind a directory, or a copy of it");
    }

    private static BiConsumer<Translation, Given> noPrograms() {
        return refuse(
                "compiled filters are not taken; the standard filter holds without it, and"
                        + " `sandbox run --seccomp FILE` reads the JSON of Docker and OCI");
    }
}
