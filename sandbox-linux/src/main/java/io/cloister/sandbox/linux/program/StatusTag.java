package io.cloister.sandbox.linux.program;

/// The first word of each message on a launch's status socket. Any larger value is the address of
/// the operation that failed; the word behind it is then the negated error number.
public final class StatusTag {

    /// From the launcher: {tag, pid}, with a pidfd; or {tag, -errno} when there is no child.
    public static final long CREATED = 1;

    /// From the first process: {tag, pid inside, own user time s, us, own system time s, us}, and
    /// for each file system in memory {free blocks, free inodes}, all from before the command was
    /// started; with a pidfd of the command, which is running, and a descriptor of each of those
    /// file systems.
    public static final long STARTED = 2;

    /// From the first process: {tag, wait status, start s, ns, end s, ns, struct rusage, own start
    /// s, ns, execution s, ns}.
    public static final long ENDED = 3;

    /// From the first process: it waits for its user maps; 8 bytes in return let it go on.
    public static final long WAITING_FOR_MAPS = 4;

    /// From the first process on the host's PID namespace: {tag, wait status}; its other
    /// descendants are still there.
    public static final long COMMAND_ENDED = 5;

    /// From the command's process, before its program is executed: {tag}, with the listener of its
    /// system-call filter.
    public static final long LISTENER = 6;

    /// From a child of the first process of a sandbox that stays: {tag, ids of a new System V
    /// shared memory, semaphore and message queue}; no process but these two is there.
    public static final long SWEPT = 7;

    /// From the first process of a sandbox that stays, before STARTED: {tag, the inode numbers of
    /// its namespaces, in the order of the API}.
    public static final long NAMESPACES = 8;

    /// From the first process, before the command is started: {tag}, with the host's side of the
    /// command's terminal; 8 bytes in return let it go on.
    public static final long TERMINAL = 9;

    /// From a command's process that was made ahead: {tag, 0}; it waits for what to execute.
    public static final long READY = 10;

    /// From a child of the first process of a sandbox that stays: {tag, 0}, with descriptors of its
    /// namespaces, in the order of [EntryProgram#HANDED_OUT].
    public static final long NAMESPACE_DESCRIPTORS = 11;

    private StatusTag() {}
}
