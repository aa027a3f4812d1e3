package io.cloister.sandbox.linux.seccomp;

/// A program in C that hands rules to libseccomp and prints the filters it makes of them.
final class LibseccompSource {

    /// Reads from standard input and answers each request with one line:
    ///
    /// - `number ARCH NAME`: the number of a call, below 0 if there is none.
    /// - `filter ARCH DEFAULT OPTIMIZE RULES`, and a line `ACTION NAME TESTS [INDEX OP A B]...` for
    ///   each rule: the filter in hexadecimal, or `error WHAT NUMBER`, where WHAT is a word or the
    ///   index of a rule.
    static final String TEXT =
            """
            #include <errno.h>
            #include <inttypes.h>
            #include <seccomp.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <unistd.h>

            static int add(scmp_filter_ctx ctx, uint32_t arch) {
                uint32_t action;
                char name[64];
                unsigned tests;
                struct scmp_arg_cmp cmp[6];
                if (scanf("%" SCNx32 " %63s %u", &action, name, &tests) != 3 || tests > 6) exit(2);
                for (unsigned i = 0; i < tests; i++) {
                    unsigned index, op;
                    uint64_t a, b;
                    if (scanf("%u %u %" SCNx64 " %" SCNx64, &index, &op, &a, &b) != 4) exit(2);
                    cmp[i] = (struct scmp_arg_cmp){index, op, a, b};
                }
                if (seccomp_syscall_resolve_name_arch(arch, name) < 0) return 0;
                /* Rules are given with the numbers of the host, whatever the filter is for. */
                int number = seccomp_syscall_resolve_name(name);
                return seccomp_rule_add_array(ctx, action, number, tests, cmp);
            }

            static void filter(void) {
                uint32_t arch, otherwise;
                unsigned optimize, rules;
                if (scanf("%" SCNx32 " %" SCNx32 " %u %u", &arch, &otherwise, &optimize, &rules) != 4)
                    exit(2);
                scmp_filter_ctx ctx = seccomp_init(otherwise);
                if (ctx == NULL) exit(3);
                char what[16] = "";
                int error = 0;
                uint32_t native = seccomp_arch_native();
                if (arch != native) {
                    strcpy(what, "arch");
                    error = seccomp_arch_add(ctx, arch);
                    if (error == 0) error = seccomp_arch_remove(ctx, native);
                }
                seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
                seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, optimize);
                for (unsigned i = 0; i < rules; i++) {
                    int added = add(ctx, arch);
                    if (added != 0 && error == 0) {
                        snprintf(what, sizeof what, "%u", i);
                        error = added;
                    }
                }
                FILE *file = tmpfile();
                if (file == NULL) exit(4);
                if (error == 0) {
                    strcpy(what, "export");
                    error = seccomp_export_bpf(ctx, fileno(file));
                }
                seccomp_release(ctx);
                if (error != 0) {
                    printf("error %s %d\\n", what, error);
                } else {
                    unsigned char bytes[4096];
                    ssize_t count;
                    lseek(fileno(file), 0, SEEK_SET);
                    while ((count = read(fileno(file), bytes, sizeof bytes)) > 0)
                        for (ssize_t i = 0; i < count; i++) printf("%02x", bytes[i]);
                    printf("\\n");
                }
                fclose(file);
            }

            int main(void) {
                char request[16];
                /* As on a kernel that has everything: the filters are not installed here. */
                seccomp_api_set(6);
                while (scanf("%15s", request) == 1) {
                    if (strcmp(request, "filter") == 0) {
                        filter();
                    } else {
                        uint32_t arch;
                        char name[64];
                        if (scanf("%" SCNx32 " %63s", &arch, name) != 2) exit(2);
                        printf("%d\\n", seccomp_syscall_resolve_name_arch(arch, name));
                    }
                }
                return 0;
            }
            """;

    private LibseccompSource() {}
}
