package io.cloister.sandbox.linux.host;

import static io.cloister.sandbox.linux.host.Findings.available;
import static io.cloister.sandbox.linux.host.Findings.limited;
import static io.cloister.sandbox.linux.host.Findings.missing;

import io.cloister.sandbox.HostReport.Feature;
import io.cloister.sandbox.Namespace;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Findings about namespaces (namespaces(7)).
final class NamespaceFeatures {

    private static final String CLONE = "kernel.unprivileged_userns_clone";
    private static final String APPARMOR = "kernel.apparmor_restrict_unprivileged_userns";

    private NamespaceFeatures() {}

    /// One finding for each kind.
    static List<Feature> all(HostView host, Account account) {
        List<Feature> features = new ArrayList<>();
        features.add(user(host, account));
        for (Namespace kind : Namespace.values()) {
            if (kind != Namespace.USER) {
                features.add(other(host, kind));
            }
        }
        if (account.filtered()) {
            features.add(surroundings());
        }
        return features;
    }

    private static Feature user(HostView host, Account account) {
        Feature found = user(host);
        // Root may give sandboxes a user of the host itself: hostUser().
        return account.privileged() ? found : Findings.required(found);
    }

    /// The checks hold for root as well: what it launches with has given up its privileges.
    private static Feature user(HostView host) {
        String name = "user namespaces";
        Optional<Feature> absent = absent(host, name, "user", "USER_NS");
        if (absent.isPresent()) {
            return absent.get();
        }
        if (host.number(sysctl(CLONE)).orElse(1L) == 0) {
            return missing(name, CLONE + " is 0", "sysctl -w " + CLONE + "=1");
        }
        if (host.number(sysctl(APPARMOR)).orElse(0L) != 0) {
            return appArmor(host, name);
        }
        return available(name, "at most " + limit(host, "user").map(String::valueOf).orElse("any"));
    }

    private static Feature appArmor(HostView host, String name) {
        String profile =
                host.text("/proc/self/attr/apparmor/current")
                        .or(() -> host.text("/proc/self/attr/current"))
                        .map(text -> text.replace("\0", "").strip())
                        .orElse("unknown");
        String detail = APPARMOR + " is 1, and the AppArmor profile of this JVM is " + profile;
        String remedy =
                "give java an AppArmor profile with `userns,`, or sysctl -w " + APPARMOR + "=0";
        return profile.equals("unconfined")
                ? missing(name, detail, remedy)
                : limited(name, detail + ", which may allow them", remedy);
    }

    private static Feature other(HostView host, Namespace kind) {
        String name = kind.label() + " namespace";
        String file = kind == Namespace.MOUNT ? "mnt" : kind.label();
        String option =
                switch (kind) {
                    case MOUNT -> "NAMESPACES";
                    case CGROUP -> "CGROUPS";
                    default -> kind.label().toUpperCase(Locale.ROOT) + "_NS";
                };
        return absent(host, name, file, option)
                .orElseGet(() ->
                        available(
                                name,
                                "at most " + limit(host, file).map(String::valueOf).orElse("any")));
    }

    private static Optional<Feature> absent(
            HostView host, String name, String file, String option) {
        if (!host.exists("/proc/self/ns/" + file)) {
            return Optional.of(
                    missing(
                            name,
                            "there is no /proc/self/ns/" + file,
                            "run a kernel from %s on, with CONFIG_%s=y"
                                    .formatted(KernelVersion.NEEDED, option)));
        }
        if (limit(host, file).orElse(1L) == 0) {
            String sysctl = "user.max_" + file + "_namespaces";
            return Optional.of(missing(name, sysctl + " is 0", "sysctl -w " + sysctl + "=10000"));
        }
        return Optional.empty();
    }

    private static Optional<Long> limit(HostView host, String file) {
        return host.number("/proc/sys/user/max_" + file + "_namespaces");
    }

    private static String sysctl(String name) {
        return "/proc/sys/" + name.replace('.', '/');
    }

    private static Feature surroundings() {
        return limited(
                "outer seccomp filter",
                "this JVM runs under one, as in a container; it must allow clone3, mount, umount2,"
                        + " move_mount, mount_setattr, pivot_root, setns and unshare",
                "docker run --security-opt seccomp=unconfined, or a profile that allows these");
    }
}
