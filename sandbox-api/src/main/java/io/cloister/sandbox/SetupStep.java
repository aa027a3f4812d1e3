package io.cloister.sandbox;

/// A step on the way to a running command; a [SandboxLaunchException] names the one that failed.
public enum SetupStep {
    /// Waiting for or being refused a place on the host.
    ADMIT("admit"),
    /// Opening the files and pipes behind standard input, output and error.
    OPEN_STREAMS("open streams"),
    /// Starting the process that launches sandboxes.
    START_LAUNCHER("start launcher"),
    /// Creating the namespaces of the sandbox.
    CREATE_NAMESPACES("create namespaces"),
    /// Entering the namespaces of a session.
    JOIN("join"),
    /// Mapping user and group ids.
    MAP_USERS("map users"),
    /// Making the root directory.
    ROOT("root"),
    /// Making one mount.
    MOUNT("mount"),
    /// Making one device.
    DEVICE("device"),
    /// Writing one file, directory or link.
    FILE("file"),
    /// Mounting and covering `/proc`.
    PROC("proc"),
    /// Configuring the network.
    NETWORK("network"),
    /// Setting the host name and the domain name.
    NAMES("names"),
    /// Setting the clock offsets.
    CLOCKS("clocks"),
    /// Setting one limit.
    LIMITS("limits"),
    /// Becoming the user of the sandbox.
    IDENTITY("identity"),
    /// Giving up privileges.
    PRIVILEGES("privileges"),
    /// Closing files, ports and signals that the policy does not open.
    ACCESS_RULES("access rules"),
    /// Installing the system call filter.
    SYSCALL_FILTER("syscall filter"),
    /// Changing to the work directory.
    WORK_DIRECTORY("work directory"),
    /// Creating the process of the command.
    START_COMMAND("start command"),
    /// Making the terminal of the command.
    TERMINAL("terminal"),
    /// Arranging the descriptors of the command.
    DESCRIPTORS("descriptors"),
    /// Executing the program.
    EXECUTE("execute"),
    /// Watching the running command.
    SUPERVISE("supervise");

    private final String label;

    SetupStep(String label) {
        this.label = label;
    }

    /// {@return the name in messages, for example `create namespaces`}
    public String label() {
        return label;
    }
}
