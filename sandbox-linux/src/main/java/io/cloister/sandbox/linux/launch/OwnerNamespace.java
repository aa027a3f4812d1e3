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

    /// A descriptor of a namespace with the map `owner -> user`.
    static int open(Zygote master, int ownerUid, int ownerGid, int user) {
        String detail = "map " + ownerUid + ":" + ownerGid + " -> " + user;
        try (OneShot exchange =
                OneShot.send(
                        master, ZygoteProgram.userNamespaceHolder(Kernel.cpu()), List.of())) {
            OneShot.Message created;
            try {
                created = exchange.await(StatusTag.CREATED);
            } finally {
                master.answered();
            }
            created.descriptors().forEach(Kernel::close);
            Path process = Path.of("/proc/" + created.value());
            Files.writeString(process.resolve("uid_map"), line(ownerUid, user));
            Files.writeString(process.resolve("gid_map"), line(ownerGid, user));
            return LaunchErrors.check(
                    SetupStep.MAP_USERS,
                    detail,
                    Kernel.open(process.resolve("ns/user").toString(), O_RDONLY | O_CLOEXEC, 0));
        } catch (IOException e) {
            throw LaunchErrors.of(SetupStep.MAP_USERS, detail, e.toString());
        }
    }

    private static String line(int owner, int user) {
        return "%s %s 1\n"
                .formatted(Integer.toUnsignedString(owner), Integer.toUnsignedString(user));
    }
}
