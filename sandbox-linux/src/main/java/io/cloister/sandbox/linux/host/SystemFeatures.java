package io.cloister.sandbox.linux.host;

import static io.cloister.sandbox.linux.host.Findings.available;
import static io.cloister.sandbox.linux.host.Findings.limited;
import static io.cloister.sandbox.linux.host.Findings.missing;
import static io.cloister.sandbox.linux.host.Findings.required;

import io.cloister.sandbox.HostReport.Feature;

import java.util.List;
import java.util.Optional;

/// Findings about the kernel as it was built and set up.
final class SystemFeatures {

    private static final KernelVersion IDMAPPED_TMPFS = new KernelVersion(6, 3);

    private SystemFeatures() {}

    /// The release of the kernel that runs.
    static String release(HostView host) {
        return host.text("/proc/sys/kernel/osrelease")
                .map(String::strip)
                .orElseGet(() -> host.property("os.version"));
    }

    static Feature operatingSystem(HostView host) {
        String name = "operating system";
        String system = host.property("os.name");
        if (!system.equals("Linux")) {
            return required(
                    missing(
                            name,
                            "this is " + system,
                            "run the program on Linux, or in a Linux VM"));
        }
        String release = release(host);
        Optional<KernelVersion> version = KernelVersion.of(release);
        if (version.isEmpty()) {
            return required(limited(name, "Linux of an unknown version: \"" + release + "\"", ""));
        }
        if (version.get().isAtLeast(KernelVersion.NEEDED)) {
            return required(available(name, "Linux " + release));
        }
        return required(
                missing(
                        name,
                        "Linux %s is older than %s (used: clone3 of 5.3, openat2 of 5.6,"
                                        .formatted(release, KernelVersion.NEEDED)
                                + " close_range with CLOEXEC of 5.11, mount_setattr with"
                                + " nosymfollow of 5.14)",
                        "run a kernel from " + KernelVersion.NEEDED + " on"));
    }

    static Feature cpu(HostView host) {
        String arch = host.property("os.arch");
        return required(
                switch (arch) {
                    case "amd64", "x86_64" -> available("cpu architecture", "x86-64");
                    case "aarch64" -> available("cpu architecture", "64-bit Arm");
                    default ->
                            missing(
                                    "cpu architecture",
                                    arch + " has no launcher",
                                    "run the program on x86-64 or 64-bit Arm, with a 64-bit JDK");
                });
    }

    /// @param module the module that calls the kernel; empty text on the class path
    /// @param granted whether it was given native access before it was used
    /// @param refused whether the JVM refused it
    static Feature nativeAccess(String module, boolean granted, boolean refused) {
        String name = "native access";
        String target = module.isEmpty() ? "ALL-UNNAMED" : module;
        if (granted) {
            return required(available(name, "granted to " + target));
        }
        String flag = "start java with --enable-native-access=" + target;
        return required(
                refused
                        ? missing(name, "the JVM refuses it to " + target, flag)
                        : limited(
                                name,
                                "not granted to " + target + ", which this JVM lets pass",
                                flag));
    }

    static Feature seccomp(HostView host) {
        String name = "seccomp filter";
        Optional<String> actions = host.text("/proc/sys/kernel/seccomp/actions_avail");
        if (actions.isEmpty()) {
            return required(
                    missing(
                            name,
                            "there is no /proc/sys/kernel/seccomp/actions_avail",
                            "run a kernel with CONFIG_SECCOMP_FILTER=y"));
        }
        List<String> known = List.of(actions.get().strip().split("\\s+"));
        return required(
                known.containsAll(List.of("errno", "kill_process"))
                        ? available(name, "actions: " + String.join(" ", known))
                        : missing(
                                name,
                                "the actions errno and kill_process are not both among: "
                                        + String.join(" ", known),
                                "run a kernel from " + KernelVersion.NEEDED + " on"));
    }

    static Feature proc(HostView host) {
        String name = "a new /proc";
        Optional<String> mountinfo = host.text("/proc/self/mountinfo");
        if (mountinfo.isEmpty()) {
            return missing(name, "/proc/self/mountinfo cannot be read", "mount -t proc proc /proc");
        }
        MountTable mounts = MountTable.parse(mountinfo.get());
        String otherwise = ", or take proc(ProcFilesystem.absent())";
        if (!mounts.hasProc()) {
            return missing(
                    name,
                    "no whole procfs is mounted, so that the kernel refuses a new one",
                    "mount -t proc proc /proc" + otherwise);
        }
        List<String> covers = mounts.procCovers();
        return covers.isEmpty()
                ? available(name, "the host's is fully visible")
                : missing(
                        name,
                        "the host's is covered at "
                                + String.join(", ", covers)
                                + ", so that the kernel refuses a new one",
                        "docker run --security-opt systempaths=unconfined, podman run"
                                + " --security-opt unmask=ALL, Kubernetes procMount: Unmasked"
                                + otherwise);
    }

    static Feature memfd(HostView host) {
        String name = "executable memfd";
        long noexec = host.number("/proc/sys/vm/memfd_noexec").orElse(0L);
        return noexec < 2
                ? available(name, "vm.memfd_noexec is " + (noexec == 0 ? "off" : noexec))
                : limited(
                        name,
                        "vm.memfd_noexec is %d: the launcher starts from an unlinked file in %s,"
                                        .formatted(noexec, host.property("java.io.tmpdir"))
                                + " /dev/shm or /var/tmp, one of which must not be noexec",
                        "sysctl -w vm.memfd_noexec=1");
    }

    static Feature keyrings(HostView host) {
        return available(
                "keyrings",
                host.exists("/proc/sys/kernel/keys")
                        ? "each sandbox gets one of its own"
                        : "the kernel has none, so there is nothing to keep apart");
    }

    static Feature idmappedMounts(HostView host, Account account) {
        String name = "idmapped mounts";
        if (!account.privileged()) {
            return available(name, "not needed: used by a JVM of root alone");
        }
        Optional<KernelVersion> version = KernelVersion.of(release(host));
        if (version.filter(v -> v.isAtLeast(KernelVersion.NEEDED)).isEmpty()) {
            return missing(
                    name,
                    "Linux " + release(host),
                    "run a kernel from " + KernelVersion.NEEDED + " on");
        }
        return version.get().isAtLeast(IDMAPPED_TMPFS)
                ? available(name, "for writable binds; the file system must have them")
                : limited(
                        name,
                        "for writable binds; not on tmpfs before Linux " + IDMAPPED_TMPFS,
                        "run a kernel from "
                                + IDMAPPED_TMPFS
                                + " on, or bind directories on ext4,"
                                + " xfs or btrfs");
    }

    static Feature descriptors(HostView host) {
        String name = "descriptor limit";
        long few = 1024;
        Optional<String> limit =
                host.text("/proc/self/limits").stream()
                        .flatMap(String::lines)
                        .filter(line -> line.startsWith("Max open files"))
                        .map(line -> line.substring("Max open files".length()).strip())
                        .map(values -> values.split("\\s+")[0])
                        .findFirst();
        if (limit.isEmpty()) {
            return limited(name, "/proc/self/limits does not tell it", "");
        }
        String value = limit.get();
        boolean enough = value.equals("unlimited") || Long.parseLong(value) >= few;
        String detail = value + "; a running sandbox takes about 10";
        return enough ? available(name, detail) : limited(name, detail, "ulimit -n " + few);
    }
}
