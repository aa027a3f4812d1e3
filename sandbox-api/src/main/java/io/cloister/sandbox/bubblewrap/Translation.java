package io.cloister.sandbox.bubblewrap;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.policy.Capability;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// Goes through the options in their order and collects what they mean.
final class Translation {
    private static final String ALL = "ALL";
    private static final String HOME = "HOME";

    private final BubblewrapCaller caller;
    private final List<String> notes = new ArrayList<>();
    private final Tree tree;
    private final Map<String, String> environment;
    private final Set<Namespace> unshared = EnumSet.noneOf(Namespace.class);
    private final Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
    private boolean allNamed;
    private int uid;
    private int gid;
    private OptionalInt info = OptionalInt.empty();
    private OptionalInt status = OptionalInt.empty();
    private OptionalInt block = OptionalInt.empty();
    private boolean diesWithParent;
    private @Nullable Given hostName;
    private @Nullable Given asFirst;
    private @Nullable Given argv0;
    private @Nullable Given chdir;

    /// `--perms` and `--size` until the next operation takes them.
    private @Nullable Given mode;

    private @Nullable Given size;

    Translation(BubblewrapCaller caller) {
        this.caller = caller;
        tree = new Tree(caller, notes);
        environment = new LinkedHashMap<>(caller.environment());
        uid = caller.uid();
        gid = caller.gid();
    }

    BubblewrapCommand translate(Line line) {
        for (Given given : line.options()) {
            given.option().apply(this, given);
            boolean modifies = given.option() == Option.PERMS || given.option() == Option.SIZE;
            if (!modifies) {
                requireTaken();
            }
        }
        requireTaken();
        Sandbox.Builder builder = Sandbox.builder();
        namespaces(builder);
        tree.apply(builder, unshared.contains(Namespace.PID));
        String directory = startDirectory();
        environment.put("PWD", directory);
        builder.onlyEnvironment(environment).workDirectory(directory);
        builder.user(uid, gid).umask(caller.umask());
        privileges(builder);
        Command command = Command.of(line.command());
        if (argv0 != null) {
            command = command.argv0(argv0.first());
        }
        Supervision supervision = new Supervision(info, status, block, diesWithParent);
        return new BubblewrapCommand(builder.spec(), command, supervision, notes);
    }

    private void requireTaken() {
        if (mode != null) {
            throw mode.refused(
                    "needs --dir, --tmpfs, --file, --bind-data or --ro-bind-data behind it");
        }
        if (size != null) {
            throw size.refused("needs --tmpfs behind it");
        }
    }

    private void namespaces(Sandbox.Builder builder) {
        if (!unshared.contains(Namespace.PID)) {
            builder.hostPid();
            if (asFirst != null) {
                throw asFirst.refused("needs --unshare-pid");
            }
        }
        if (!unshared.contains(Namespace.NET)) {
            builder.hostNet();
        }
        if (!unshared.contains(Namespace.IPC)) {
            builder.hostIpc();
        }
        if (!unshared.contains(Namespace.CGROUP)) {
            builder.hostCgroup();
        }
        if (unshared.contains(Namespace.UTS)) {
            if (hostName == null) {
                // A new namespace begins with the host's names.
                keepHostName(builder);
            } else {
                Given given = hostName;
                given.checked(() -> builder.hostName(given.first()));
            }
        } else if (hostName != null) {
            throw hostName.refused("needs --unshare-uts");
        } else {
            builder.hostUts();
        }
    }

    private void keepHostName(Sandbox.Builder builder) {
        try {
            builder.hostName(caller.hostName());
        } catch (IllegalArgumentException e) {
            notes.add("--unshare-uts: the name inside is another: " + e.getMessage());
        }
    }

    /// As bubblewrap, which starts in the caller's directory if it is there inside.
    private String startDirectory() {
        if (chdir != null) {
            Given given = chdir;
            return given.first().startsWith("/") ? given.first() : given.destination();
        }
        String here = caller.directory().toString();
        if (tree.hasDirectory(here)) {
            return here;
        }
        String home = Optional.ofNullable(environment.get(HOME)).orElse("");
        return home.startsWith("/") && tree.hasDirectory(home) ? home : "/";
    }

    private void privileges(Sandbox.Builder builder) {
        builder.keepCapabilities(capabilities.toArray(Capability[]::new));
        if (caller.uid() == 0 && !allNamed) {
            notes.add(
                    "capabilities: only those of --cap-add are kept, where bubblewrap starts from"
                            + " all of root's");
        }
    }

    Tree tree() {
        return tree;
    }

    void note(String line) {
        notes.add(line);
    }

    byte[] read(Given given) {
        return caller.read(given.descriptor());
    }

    void unshare(Namespace namespace) {
        unshared.add(namespace);
    }

    void unshareAll() {
        unshared.addAll(
                List.of(
                        Namespace.IPC,
                        Namespace.PID,
                        Namespace.NET,
                        Namespace.UTS,
                        Namespace.CGROUP));
    }

    void share(Namespace namespace) {
        unshared.remove(namespace);
    }

    void uid(Given given) {
        uid = given.id();
    }

    void gid(Given given) {
        gid = given.id();
    }

    void hostName(Given given) {
        hostName = given;
    }

    void argv0(Given given) {
        argv0 = given;
    }

    void chdir(Given given) {
        chdir = given;
    }

    void clearEnvironment() {
        environment.clear();
    }

    void setEnvironment(Given given) {
        String name = given.first();
        if (name.isEmpty() || name.contains("=")) {
            throw given.refused("expected a name without \"=\", was " + Given.quoted(name));
        }
        environment.put(name, given.last());
    }

    void unsetEnvironment(String name) {
        environment.remove(name);
    }

    void block(Given given) {
        block = OptionalInt.of(given.descriptor());
    }

    void info(Given given) {
        info = OptionalInt.of(given.descriptor());
    }

    void status(Given given) {
        status = OptionalInt.of(given.descriptor());
    }

    void dieWithParent() {
        diesWithParent = true;
    }

    void asFirst(Given given) {
        asFirst = given;
        notes.add(given.note("a process of the sandbox is the first one, and reaps the others"));
    }

    void addCapability(Given given) {
        capabilities.addAll(named(given));
    }

    void dropCapability(Given given) {
        capabilities.removeAll(named(given));
    }

    private Set<Capability> named(Given given) {
        String name = given.first().toUpperCase(Locale.ROOT);
        if (name.equals(ALL)) {
            allNamed = true;
            return EnumSet.allOf(Capability.class);
        }
        for (Capability capability : Capability.values()) {
            if (capability.label().equals(name)) {
                return EnumSet.of(capability);
            }
        }
        throw given.refused(
                "expected ALL or the name of a capability such as CAP_NET_RAW, was "
                        + Given.quoted(given.first()));
    }

    void mode(Given given) {
        if (mode != null) {
            throw given.refused("stands twice before one operation");
        }
        given.mode();
        mode = given;
    }

    void size(Given given) {
        if (size != null) {
            throw given.refused("stands twice before one operation");
        }
        given.size();
        size = given;
    }

    OptionalInt takeMode() {
        Given given = mode;
        mode = null;
        return given == null ? OptionalInt.empty() : OptionalInt.of(given.mode());
    }

    OptionalLong takeSize() {
        Given given = size;
        size = null;
        return given == null ? OptionalLong.empty() : OptionalLong.of(given.size());
    }
}
