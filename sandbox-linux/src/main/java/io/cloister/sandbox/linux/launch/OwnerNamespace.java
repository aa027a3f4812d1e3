package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.O_CLOEXEC;
import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;

import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.program.StatusTag;
import io.cloister.sandbox.linux.program.ZygoteProgram;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Makes user namespaces whose only purpose is their map, for idmapped mounts: what belongs to the
/// owner on the file system belongs to the slot's user in the mount, and the other way round.
final class OwnerNamespace {

    private OwnerNamespace() {}

    /// Who is mapped to whom.
    ///
    /// @param ownerUid the owner on the file system
    /// @param ownerGid the group on the file system
    /// @param uid the host user of the sandbox's user
    /// @param gid the host group of the sandbox's group
    record Mapping(int ownerUid, int ownerGid, long uid, long gid) {}

    /// A descriptor of a namespace with this map.
    static int open(Zygote master, Mapping map) {
        String detail =
                "map %d:%d -> %d:%d".formatted(map.ownerUid, map.ownerGid, map.uid, map.gid);
        try (OneShot exchange =
                OneShot.send(master, ZygoteProgram.userNamespaceHolder(Kernel.cpu()), List.of())) {
            OneShot.Message created;
            try {
                created = exchange.await(StatusTag.CREATED);
            } finally {
                master.answered();
            }
            created.descriptors().forEach(Kernel::close);
            Path process = Path.of("/proc/" + created.value());
            Files.writeString(process.resolve("uid_map"), line(map.ownerUid, map.uid));
            Files.writeString(process.resolve("gid_map"), line(map.ownerGid, map.gid));
            return LaunchErrors.check(
                    SetupStep.MAP_USERS,
                    detail,
                    Kernel.open(process.resolve("ns/user").toString(), O_RDONLY | O_CLOEXEC, 0));
        } catch (IOException e) {
            throw LaunchErrors.of(SetupStep.MAP_USERS, detail, e.toString());
        }
    }

    private static String line(int owner, long user) {
        return Integer.toUnsignedString(owner) + " " + user + " 1\n";
    }
}
