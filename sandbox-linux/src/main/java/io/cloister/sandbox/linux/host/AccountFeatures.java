package io.cloister.sandbox.linux.host;

import static io.cloister.sandbox.linux.host.Findings.available;
import static io.cloister.sandbox.linux.host.Findings.limited;
import static io.cloister.sandbox.linux.host.Findings.missing;

import io.cloister.sandbox.HostReport.Feature;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Findings about the user of the JVM.
final class AccountFeatures {

    private static final String HOST_USERS = "io.cloister.sandbox.hostUsers";

    private AccountFeatures() {}

    static Feature privileges(HostView host, Account account) {
        String name = "privileges";
        if (account.privileged() && account.mayMount()) {
            String range = host.property(HOST_USERS);
            return available(
                    name,
                    "root: each sandbox has a host user of its own, from "
                            + (range.isEmpty() ? "the range of -D" + HOST_USERS : range));
        }
        if (account.privileged()) {
            return limited(
                    name,
                    "root without CAP_SYS_ADMIN: binds cannot be prepared",
                    "docker run --cap-add SYS_ADMIN, or run the JVM as an ordinary user");
        }
        if (account.uid() == 0 && !account.initial()) {
            return available(
                    name,
                    "root of a user namespace: each sandbox is the user behind it on the host");
        }
        if (account.uid() == 0) {
            return limited(
                    name,
                    "root without CAP_SETUID or CAP_SETGID: a sandbox would be the host's root,"
                            + " and is refused",
                    "docker run --cap-add SETUID --cap-add SETGID, or run the JVM as an ordinary"
                            + " user");
        }
        return available(
                name, "user %d: each sandbox is this user on the host".formatted(account.uid()));
    }

    /// For mapUids and mapGids; see newuidmap(1) and subuid(5).
    static Feature idRanges(HostView host, Account account) {
        String name = "uid and gid ranges";
        if (account.privileged()) {
            return available(name, "any, since root maps them itself");
        }
        List<String> absent = new ArrayList<>();
        for (String program : List.of("newuidmap", "newgidmap")) {
            if (host.program(program).isEmpty()) {
                absent.add(program);
            }
        }
        if (!absent.isEmpty()) {
            return missing(
                    name,
                    "not on PATH: " + String.join(", ", absent),
                    "apt-get install uidmap, or dnf install shadow-utils-subid");
        }
        String user = host.property("user.name");
        Optional<String> uids = ranges(host, "/etc/subuid", user, account.uid());
        Optional<String> gids = ranges(host, "/etc/subgid", user, account.uid());
        if (uids.isEmpty() || gids.isEmpty()) {
            return missing(
                    name,
                    "no line for %s in %s"
                            .formatted(user, uids.isEmpty() ? "/etc/subuid" : "/etc/subgid"),
                    "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 " + user);
        }
        return available(
                name, "/etc/subuid has %s, /etc/subgid %s".formatted(uids.get(), gids.get()));
    }

    /// The ranges `first-last` of a user, given by name or by number.
    private static Optional<String> ranges(HostView host, String file, String user, long uid) {
        List<String> found = new ArrayList<>();
        for (String line : host.text(file).orElse("").split("\n")) {
            String[] fields = line.strip().split(":");
            boolean own =
                    fields.length == 3
                            && (fields[0].equals(user) || fields[0].equals(Long.toString(uid)))
                            && fields[1].matches("[0-9]{1,10}")
                            && fields[2].matches("[0-9]{1,10}");
            if (own) {
                long first = Long.parseLong(fields[1]);
                found.add(first + "-" + (first + Long.parseLong(fields[2]) - 1));
            }
        }
        return found.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", found));
    }
}
