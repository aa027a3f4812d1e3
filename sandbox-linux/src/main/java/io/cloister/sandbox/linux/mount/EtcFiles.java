package io.cloister.sandbox.linux.mount;

import io.cloister.sandbox.linux.mount.MountPlanner.Occupant;

import java.util.LinkedHashMap;
import java.util.Map;

/// The files that name users and hosts in a minimal root.
final class EtcFiles {
    private EtcFiles() {}

    /// Paths without a leading slash, and texts.
    static Map<String, String> of(Occupant occupant, HostTree host) {
        String ids = occupant.uid() + ":" + occupant.gid();
        StringBuilder passwd = new StringBuilder();
        StringBuilder group = new StringBuilder();
        if (occupant.uid() != 0) {
            passwd.append("root:x:0:0:root:/root:/bin/sh\n");
        }
        if (occupant.gid() != 0) {
            group.append("root:x:0:\n");
        }
        passwd.append("sandbox:x:" + ids + ":sandbox:" + occupant.home() + ":/bin/sh\n");
        group.append("sandbox:x:" + occupant.gid() + ":\n");
        passwd.append("nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n");
        group.append("nogroup:x:65534:\n");
        Map<String, String> files = new LinkedHashMap<>();
        files.put("etc/passwd", passwd.toString());
        files.put("etc/group", group.toString());
        files.put("etc/hosts", "127.0.0.1 localhost " + occupant.hostName() + "\n::1 localhost\n");
        files.put("etc/hostname", occupant.hostName() + "\n");
        files.put("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
        if (occupant.hostNetwork()) {
            files.put("etc/resolv.conf", host.resolverConfiguration());
        }
        return files;
    }
}
