package io.cloister.sandbox.linux.plan;

import io.cloister.sandbox.SetupStep;

/// What to look at when a step fails. Error numbers are the kernel's names.
public final class Hints {

    /// Descriptors of this JVM for a session in which nothing runs, control groups of version 1
    /// included.
    private static final int IDLE_SESSION = 12;

    private Hints() {}

    /// A hint for `step` failing with `errno`, whose meaning in words is `meaning`.
    public static String of(SetupStep step, String errno, String meaning) {
        String hint = known(step, errno);
        return hint.isEmpty() ? meaning : meaning + "; " + hint;
    }

    /// What to do where this JVM is out of descriptors.
    ///
    /// @param limit how many it may have
    public static String outOfDescriptors(long limit) {
        return "all %d descriptors that this JVM may have are in use: raise the limit (ulimit -n), or"
                        .formatted(limit)
                + " close something; a session in which nothing runs takes about "
                + IDLE_SESSION;
    }

    private static String known(SetupStep step, String errno) {
        return switch (step) {
            case CREATE_NAMESPACES -> namespaces(errno);
            case MAP_USERS ->
                    switch (errno) {
                        case "EPERM", "EACCES" ->
                                "the host restricts user namespaces: see sysctl"
                                        + " kernel.apparmor_restrict_unprivileged_userns and"
                                        + " kernel.unprivileged_userns_clone; or take the"
                                        + " weaker tier without them, confinedIfNeeded()";
                        default -> "";
                    };
            case ROOT, MOUNT, DEVICE, PROC -> mounts(step, errno);
            case FILE ->
                    switch (errno) {
                        case "ENOSPC" -> "raise scratchSize or scratchInodes";
                        case "EEXIST" -> "two entries of the policy have the same destination";
                        default -> "";
                    };
            case LIMITS ->
                    errno.equals("EPERM")
                            ? "the limit is above the hard limit of the JVM: see ulimit -H"
                            : "";
            case WORK_DIRECTORY ->
                    errno.equals("ENOENT")
                            ? "the directory must be visible inside the sandbox: bind it or mount a"
                                    + " tmpfs there"
                            : "";
            case EXECUTE -> execute(errno);
            case SYSCALL_FILTER ->
                    switch (errno) {
                        case "EINVAL" -> "the kernel needs CONFIG_SECCOMP_FILTER";
                        case "EBUSY" ->
                                "what runs this JVM listens to its system calls already, and the"
                                        + " kernel lets no second filter have a listener";
                        default -> "";
                    };
            case ACCESS_RULES ->
                    switch (errno) {
                        case "E2BIG" ->
                                "this JVM is inside as many Landlock domains as there can be";
                        case "ENOENT", "ELOOP" -> "a place of the policy was moved meanwhile";
                        default -> "";
                    };
            case OPEN_STREAMS, START_LAUNCHER ->
                    switch (errno) {
                        case "EMFILE" -> "the JVM is out of descriptors: see ulimit -n";
                        case "ENFILE" -> "the host is out of descriptors: see sysctl fs.file-max";
                        default -> "";
                    };
            default -> "";
        };
    }

    private static String namespaces(String errno) {
        return switch (errno) {
            case "EPERM" ->
                    "the host forbids new user namespaces: see sysctl"
                        + " kernel.unprivileged_userns_clone (want 1),"
                        + " kernel.apparmor_restrict_unprivileged_userns (want 0, or an AppArmor"
                        + " profile with `userns` for java); in a container, its seccomp profile;"
                        + " or take the weaker tier without them, confinedIfNeeded()";
            case "ENOSPC", "EUSERS" ->
                    "a namespace limit is reached: see sysctl user.max_user_namespaces,"
                            + " user.max_net_namespaces and the others below user.max_; or take the"
                            + " weaker tier without them, confinedIfNeeded()";
            case "EAGAIN" -> "too many processes: see ulimit -u and the pids control group";
            case "EINVAL" -> "the kernel lacks a kind of namespace: see ls /proc/self/ns";
            default -> "";
        };
    }

    private static String mounts(SetupStep step, String errno) {
        if (step == SetupStep.PROC && errno.equals("EPERM")) {
            return "the host's own /proc is partly covered (as in most containers), so that the"
                    + " kernel refuses a new one: run the container with an unmasked /proc, or take"
                    + " proc(ProcFilesystem.standard().view(ProcFilesystem.View.ABSENT))";
        }
        return switch (errno) {
            case "ENOENT" ->
                    "source and mount point must exist; inside a tree of the host no mount point is"
                            + " made";
            case "ELOOP" ->
                    "there is a symbolic link on the way to the source or to the mount point, which"
                            + " a sandbox may have put there: name the source by its real path";
            case "ESTALE" -> "the source was replaced while the sandbox started: try again";
            case "ENOTDIR", "EINVAL" ->
                    "source and mount point must both be directories, or both files";
            case "EPERM" ->
                    "a JVM that is root needs CAP_SYS_ADMIN to prepare binds (run it as an ordinary"
                            + " user, or give it that); as an ordinary user, look for a security"
                            + " module that forbids mounts in user namespaces";
            case "ENOSPC" -> "too many mounts: see sysctl fs.mount-max";
            case "EACCES" -> "the sandbox's host user may not reach the source: see its mode";
            default -> "";
        };
    }

    private static String execute(String errno) {
        return switch (errno) {
            case "ENOENT" ->
                    "no such program inside the sandbox, or its interpreter (#! line, dynamic"
                            + " linker) is not visible there";
            case "EACCES" ->
                    "not an executable file: a directory, without the x bit, or on a mount with"
                            + " noexec";
            case "ENOEXEC" -> "neither a binary of this CPU nor a script with a #! line";
            case "E2BIG" ->
                    "arguments and environment are longer than the kernel allows (ARG_MAX: a"
                            + " quarter of the stack limit, 128 KiB for each)";
            default -> "";
        };
    }
}
