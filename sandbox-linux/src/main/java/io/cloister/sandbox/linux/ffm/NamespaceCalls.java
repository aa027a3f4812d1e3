package io.cloister.sandbox.linux.ffm;

import io.cloister.sandbox.linux.program.Call;

/// What can be asked of a namespace: ioctl_ns(2).
public final class NamespaceCalls {

    private static final long NS_GET_PARENT = 0xb702;

    private NamespaceCalls() {}

    /// NS_GET_PARENT: the user namespace in which that of a descriptor was made, or -errno; EPERM
    /// if it lies outside of that of this process.
    ///
    /// @return a descriptor, closed on execve
    public static int parent(int userNamespace) {
        return (int) Kernel.call(Call.IOCTL, userNamespace, NS_GET_PARENT);
    }
}
