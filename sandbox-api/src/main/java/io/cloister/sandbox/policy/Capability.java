package io.cloister.sandbox.policy;

/// A part of what root may do. A sandbox has none, unless the policy lets it keep some.
///
/// A capability that is kept counts within the sandbox's own user namespace, and over what belongs
/// to that: its network, its mounts, its host name, the users that are mapped into it. Where a line
/// below says *nothing here*, the kernel asks for the capability in the host's user namespace, and
/// keeping it changes nothing. Source: capabilities(7), user_namespaces(7), linux/capability.h.
public enum Capability {
    /// Change owner and group of files, among users and groups that are mapped.
    CHOWN(0),
    /// Read, write and search whatever the mode says, where owner and group are mapped.
    DAC_OVERRIDE(1),
    /// Read files and search directories whatever the mode says, where owner and group are mapped.
    /// The standard filter refuses to open files by handles.
    DAC_READ_SEARCH(2),
    /// Act on files, where owner and group are mapped, as if they were one's own: change the mode
    /// or the times, remove what lies in a sticky directory.
    FOWNER(3),
    /// Keep the set-user-ID and set-group-ID bits of a file that is changed; set the latter for a
    /// group one is not in. The standard filter refuses to set either bit.
    FSETID(4),
    /// Send signals to processes of other users of the sandbox.
    KILL(5),
    /// Take any mapped group as one's own, or supplementary groups where the kernel allows these.
    SETGID(6),
    /// Take any mapped user as one's own.
    SETUID(7),
    /// Remove capabilities from the bounding set and add those in it to the inheritable one.
    SETPCAP(8),
    /// Set the immutable and append-only attributes of files: nothing here.
    LINUX_IMMUTABLE(9),
    /// Bind ports below 1024 in the sandbox's own network.
    NET_BIND_SERVICE(10),
    /// Broadcast and listen to multicast; the kernel does not ask for it today.
    NET_BROADCAST(11),
    /// Configure the sandbox's own network: devices, addresses, routes, firewall. Opens the code of
    /// the kernel behind all of these, which has a history of exploits.
    NET_ADMIN(12),
    /// Open raw and packet sockets in the sandbox's own network. The standard filter refuses packet
    /// sockets.
    NET_RAW(13),
    /// Lock System V shared memory of other users of the sandbox. Beyond the limit of locked
    /// memory: nothing here.
    IPC_LOCK(14),
    /// Use System V IPC objects of the sandbox whatever their mode says.
    IPC_OWNER(15),
    /// Load modules into the kernel: nothing here.
    SYS_MODULE(16),
    /// Reach I/O ports, raw memory and raw devices: nothing here.
    SYS_RAWIO(17),
    /// Call chroot(2), which the standard filter refuses.
    SYS_CHROOT(18),
    /// Trace any process of the sandbox but its first one, and read its memory.
    SYS_PTRACE(19),
    /// Switch process accounting on and off: nothing here. The standard filter refuses the call.
    SYS_PACCT(20),
    /// Mount, make namespaces, and much else: nearly all of the kernel that user namespaces open,
    /// and most of what exploits have come through. The standard filter refuses the calls that
    /// mount or make namespaces. Better be avoided.
    SYS_ADMIN(21),
    /// Restart, which in a PID namespace ends its processes. The standard filter refuses the call.
    SYS_BOOT(22),
    /// Change priority and processors of other users' processes in the sandbox. To raise a priority
    /// or to choose real-time scheduling: nothing here.
    SYS_NICE(23),
    /// Change limits of other users' processes in the sandbox, and how many namespaces there may be
    /// (`/proc/sys/user`, read-only unless the policy says otherwise). To go beyond a hard limit:
    /// nothing here.
    SYS_RESOURCE(24),
    /// Set the host's clocks: nothing here.
    SYS_TIME(25),
    /// Configure terminals of the console and hang them up: nothing here.
    SYS_TTY_CONFIG(26),
    /// Make device files: nothing here.
    MKNOD(27),
    /// Take leases on files of other users: nothing here. The standard filter refuses leases.
    LEASE(28),
    /// Write to the kernel's audit log: nothing here. The standard filter refuses the socket.
    AUDIT_WRITE(29),
    /// Configure auditing: nothing here.
    AUDIT_CONTROL(30),
    /// Give files capabilities that count in the sandbox's user namespace. They give nothing to its
    /// processes, which have `no_new_privs`, but stay with files of a writable bind.
    SETFCAP(31),
    /// Override a mandatory access control such as Smack: nothing here.
    MAC_OVERRIDE(32),
    /// Change the rules of a mandatory access control: nothing here.
    MAC_ADMIN(33),
    /// Read and clear the kernel log: nothing here. The standard filter refuses the call.
    SYSLOG(34),
    /// Wake the host from sleep by a timer: nothing here.
    WAKE_ALARM(35),
    /// Keep the host from sleeping: nothing here.
    BLOCK_SUSPEND(36),
    /// Read the kernel's audit log: nothing here.
    AUDIT_READ(37),
    /// Measure other processes and the kernel: nothing here. The standard filter refuses the call.
    PERFMON(38),
    /// Load programs into the kernel: nothing here. The standard filter refuses the call.
    BPF(39),
    /// Choose the ids of new processes, and which file `/proc` names as one's program: what tools
    /// need that save and restore processes. The standard filter refuses clone3(2).
    CHECKPOINT_RESTORE(40);

    private final int number;

    Capability(int number) {
        this.number = number;
    }

    /// {@return the kernel's number}
    public int number() {
        return number;
    }

    /// {@return the kernel's name, for example `CAP_NET_RAW`}
    public String label() {
        return "CAP_" + name();
    }
}
