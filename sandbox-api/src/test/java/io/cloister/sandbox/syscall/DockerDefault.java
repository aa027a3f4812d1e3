package io.cloister.sandbox.syscall;

import static java.util.stream.Collectors.toCollection;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/// What Docker's default profile says of the calls that [Syscall] has, for a container without
/// added capabilities, on x86-64 and aarch64. Read off `seccomp/default.json` of
/// github.com/moby/profiles in 2026.
final class DockerDefault {

    private static final String CLOSED =
            """
            _sysctl acct add_key afs_syscall bpf chroot clock_settime clone3 create_module
            delete_module fanotify_init file_getattr file_setattr finit_module fsconfig fsmount
            fsopen fspick get_kernel_syms get_mempolicy getpmsg init_module io_uring_enter
            io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl
            listns lookup_dcookie lsm_get_self_attr lsm_list_modules lsm_set_self_attr mbind
            migrate_pages mount mount_setattr move_mount move_pages nfsservctl open_by_handle_at
            open_tree open_tree_attr perf_event_open pidfd_getfd pivot_root process_madvise
            putpmsg query_module quotactl quotactl_fd reboot request_key rseq_slice_yield security
            set_mempolicy set_mempolicy_home_node setdomainname sethostname setns settimeofday
            swapoff swapon sysfs syslog tuxcall umount2 unshare uprobe uselib userfaultfd ustat
            vhangup vserver
            """;

    private DockerDefault() {}

    /// {@return the calls that it closes, whatever their arguments}
    static Set<Syscall> closed() {
        return Arrays.stream(CLOSED.strip().split("\\s+"))
                .map(name -> Syscall.named(name).orElseThrow())
                .collect(toCollection(() -> EnumSet.noneOf(Syscall.class)));
    }
}
