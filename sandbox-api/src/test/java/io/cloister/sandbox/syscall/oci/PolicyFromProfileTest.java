package io.cloister.sandbox.syscall.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.syscall.FilterFlag;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAbi;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

class PolicyFromProfileTest {

    private static final SeccompTarget X86 = target(SyscallAbi.X86_64, 6, 1);
    private static final SyscallAction EPERM = SyscallAction.fail(Errno.EPERM);
    private static final SyscallAction ENOSYS = SyscallAction.fail(Errno.ENOSYS);

    private static SeccompTarget target(
            SyscallAbi abi, int kernel, int major, Capability... capabilities) {
        return new SeccompTarget(Set.of(capabilities), kernel, major, abi);
    }

    private static Conversion convert(String json, SeccompTarget target) {
        return SeccompProfile.fromJson(json.replace('\'', '"')).toPolicy(target);
    }

    /// A profile whose entries are these, and which denies all else with EPERM.
    private static Conversion entries(String... entries) {
        return convert(
                "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[" + String.join(",", entries) + "]}",
                X86);
    }

    private static String entry(String names, String action, String... more) {
        String list =
                Arrays.stream(names.split(" "))
                        .map(name -> "'" + name + "'")
                        .collect(Collectors.joining(","));
        String rest = Arrays.stream(more).map(text -> "," + text).collect(Collectors.joining());
        return "{'names':[" + list + "],'action':'SCMP_ACT_" + action + "'" + rest + "}";
    }

    private static String args(String... conditions) {
        return "'args':["
                + Arrays.stream(conditions)
                        .map(condition -> {
                            String[] words = condition.split(" ");
                            return "{'index':%s,'op':'SCMP_CMP_%s','value':%s,'valueTwo':%s}"
                                    .formatted(
                                            words[0],
                                            words[1],
                                            words[2],
                                            words.length > 3 ? words[3] : "0");
                        })
                        .collect(Collectors.joining(","))
                + "]";
    }

    @Test
    void theDefaultActionDecidesWhatNoEntryNames() {
        Conversion conversion = entries(entry("read write", "ALLOW"));
        assertThat(conversion.notHonoured()).isEmpty();
        SyscallPolicy policy = conversion.policy();
        assertThat(policy.decide(Syscall.READ)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.WRITE)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.OPENAT)).isEqualTo(EPERM);
        assertThat(policy.unknown()).isEqualTo(ENOSYS);
    }

    @Test
    void whereTheDefaultIsOpenUnknownNumbersAreToo() {
        SyscallPolicy open = convert("{'defaultAction':'SCMP_ACT_ALLOW'}", X86).policy();
        assertThat(open.otherwise()).isEqualTo(SyscallAction.ALLOW);
        assertThat(open.unknown()).isEqualTo(SyscallAction.ALLOW);
        assertThat(open.rules())
                .allSatisfy(rule -> assertThat(rule.action()).isEqualTo(SyscallAction.ALLOW));
        assertThat(convert("{'defaultAction':'SCMP_ACT_LOG'}", X86).policy())
                .isEqualTo(SyscallPolicy.of(SyscallAction.LOG).unknown(SyscallAction.LOG));
    }

    /// Of which the policy without a filter opens all.
    @Test
    void aProfileThatClosesNothingStillHasAFilterAgainstForeignInterfaces() {
        String elsewhere = entry("ptrace", "ERRNO", "'includes':{'arches':['arm64']}");
        for (String entries : new String[] {"", elsewhere}) {
            String json = "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[" + entries + "]}";
            SyscallPolicy policy = convert(json, X86).policy();
            assertThat(policy.profile()).isEmpty();
            assertThat(policy.decide(Syscall.PTRACE)).isEqualTo(SyscallAction.ALLOW);
        }
    }

    /// A later kernel may have the call, under a number that is not known here.
    @ParameterizedTest
    @CsvSource({
        "brandnew, KILL, ENOSYS",
        "brandnew, ERRNO, ENOSYS",
        "brandnew, LOG, allow",
        "ptrace, ERRNO, allow",
        "open, ERRNO, allow"
    })
    void whereANameThatIsNotKnownIsClosedUnknownNumbersAreToo(
            String name, String action, String unknown) {
        String open = "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[" + entry(name, action) + "]}";
        SeccompTarget aarch64 = target(SyscallAbi.AARCH64, 6, 1);
        assertThat(convert(open, aarch64).policy().unknown()).hasToString(unknown);
    }

    @ParameterizedTest
    @CsvSource({
        "ERRNO, EPERM",
        "TRAP, trap",
        "ALLOW, allow",
        "LOG, log",
        "NOTIFY, notify",
        "KILL_PROCESS, kill",
        "KILL, kill",
        "KILL_THREAD, kill",
        "TRACE, ENOSYS"
    })
    void everyActionHasItsOwn(String action, String expected) {
        SyscallPolicy policy =
                convert(
                                "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':5,'syscalls':["
                                        + entry("read", action)
                                        + "]}",
                                X86)
                        .policy();
        assertThat(policy.decide(Syscall.READ)).hasToString(expected);
        assertThat(policy.decide(Syscall.WRITE)).hasToString("EIO");
    }

    @Test
    void errorsHaveTheirNumbers() {
        Conversion conversion =
                entries(
                        entry("read", "ERRNO", "'errnoRet':13"),
                        entry("write", "ERRNO", "'errno':'ENOENT'"),
                        entry("open", "ERRNO", "'errno':'ENOENT','errnoRet':5"),
                        entry("close", "ERRNO", "'errnoRet':0"),
                        entry("stat", "ERRNO", "'errnoRet':5000"),
                        entry("fstat", "ERRNO", "'errnoRet':65537"),
                        entry("lstat", "ERRNO", "'errno':'ENONSENSE','errnoRet':5"));
        SyscallPolicy policy = conversion.policy();
        assertThat(policy.decide(Syscall.READ)).hasToString("EACCES");
        assertThat(policy.decide(Syscall.WRITE)).hasToString("ENOENT");
        assertThat(policy.decide(Syscall.OPEN)).hasToString("ENOENT");
        assertThat(policy.decide(Syscall.CLOSE)).hasToString("EPERM");
        assertThat(policy.decide(Syscall.STAT)).isEqualTo(new SyscallAction.Fail(4095));
        assertThat(policy.decide(Syscall.FSTAT)).isEqualTo(new SyscallAction.Fail(4095));
        assertThat(policy.decide(Syscall.LSTAT)).hasToString("EIO");
        assertThat(conversion.notHonoured())
                .containsExactly(
                        "syscalls[2]: ENOENT and 5 are different errors; the name holds, as in"
                                + " Podman",
                        "syscalls[3]: with error 0 the call would seem to succeed; it fails with"
                                + " EPERM",
                        "syscalls[4]: the kernel has no error 5000; it is 4095",
                        "syscalls[5]: the kernel has no error 65537; it is 4095",
                        "syscalls[6]: no error of Linux, so passed over: ENONSENSE");
    }

    @Test
    void allConditionsMustHold() {
        SyscallPolicy policy = entries(entry("read", "ALLOW", args("0 EQ 3", "2 LT 100"))).policy();
        assertThat(policy.decide(Syscall.READ, 3, 0, 99)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.READ, 3, 0, 100)).isEqualTo(EPERM);
        assertThat(policy.decide(Syscall.READ, 4, 0, 99)).isEqualTo(EPERM);
    }

    @Test
    void whereAnArgumentStandsTwiceOneConditionIsEnough() {
        SyscallPolicy policy =
                entries(entry("read", "ALLOW", args("0 EQ 3", "0 EQ 4", "2 LT 100"))).policy();
        assertThat(policy.decide(Syscall.READ, 3, 0, 500)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.READ, 4, 0, 500)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.READ, 5, 0, 99)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.READ, 5, 0, 100)).isEqualTo(EPERM);
    }

    @ParameterizedTest
    @CsvSource({
        "NE 5, 6, 5",
        "LT 5, 4, 5",
        "LE 5, 5, 6",
        "EQ 5, 5, 4294967301",
        "GE 5, 4294967296, 4",
        "GT 5, -1, 5",
        "MASKED_EQ 255 261, 0x105, 0x106",
        "MASKED_EQ 18446744069414584320 4294967296, 0x1ffffffff, 0x2ffffffff"
    })
    void everyOperatorLooksAt64Bits(String condition, String holds, String fails) {
        SyscallPolicy policy = entries(entry("read", "ALLOW", args("1 " + condition))).policy();
        assertThat(policy.decide(Syscall.READ, 0, Long.decode(holds)))
                .isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.READ, 0, Long.decode(fails))).isEqualTo(EPERM);
    }

    @Test
    void aConditionOnNoBitIsNone() {
        Conversion conversion =
                entries(
                        entry("read", "LOG", args("0 EQ 1")),
                        entry("read", "ALLOW", args("0 MASKED_EQ 0 5")));
        assertThat(conversion.notHonoured()).isEmpty();
        assertThat(conversion.policy().decide(Syscall.READ, 1)).isEqualTo(SyscallAction.ALLOW);
    }

    @Test
    void theFirstEntryWithoutConditionsDisplacesAllOthers() {
        SyscallPolicy policy =
                entries(
                                entry("read", "ALLOW", args("0 EQ 1")),
                                entry("read", "TRAP"),
                                entry("read", "ALLOW"))
                        .policy();
        assertThat(policy.decide(Syscall.READ, 1)).isEqualTo(SyscallAction.TRAP);
    }

    @Test
    void anEntryWithTheDefaultActionIsPassedOver() {
        Conversion conversion =
                entries(entry("read", "ERRNO"), entry("read", "ALLOW", args("0 EQ 1")));
        assertThat(conversion.policy().decide(Syscall.READ, 1)).isEqualTo(SyscallAction.ALLOW);
        assertThat(conversion.policy().decide(Syscall.READ, 2)).isEqualTo(EPERM);
        assertThat(conversion.notHonoured()).isEmpty();
    }

    @Test
    void whereTwoEntriesMayApplyTheStricterHoldsAndThatIsTold() {
        Conversion conversion =
                entries(
                        entry("read", "ALLOW", args("0 LT 10")),
                        entry("read", "TRAP", args("0 GT 5")),
                        entry("read", "LOG", args("1 EQ 7")));
        assertThat(conversion.policy().decide(Syscall.READ, 7)).isEqualTo(SyscallAction.TRAP);
        assertThat(conversion.policy().decide(Syscall.READ, 3)).isEqualTo(SyscallAction.ALLOW);
        assertThat(conversion.policy().decide(Syscall.READ, 3, 7)).isEqualTo(SyscallAction.LOG);
        assertThat(conversion.notHonoured())
                .containsExactly(
                        "syscalls[0] and syscalls[1]: both may apply to the same read, with allow"
                                + " and trap; the stricter one holds",
                        "syscalls[0] and syscalls[2]: both may apply to the same read, with allow"
                                + " and log; the stricter one holds",
                        "syscalls[1] and syscalls[2]: both may apply to the same read, with trap"
                                + " and log; the stricter one holds");
    }

    @ParameterizedTest
    @CsvSource({
        "0 EQ 1, 0 EQ 2",
        "0 EQ 1, 0 NE 1",
        "0 EQ 5, 0 LT 5",
        "0 LT 5, 0 GE 5",
        "0 LE 5, 0 GT 5",
        "0 GT 18446744073709551614, 0 LT 18446744073709551615",
        "0 LT 0, 0 LT 5",
        "0 MASKED_EQ 3 1, 0 MASKED_EQ 7 2",
        "0 MASKED_EQ 3 1, 0 EQ 4",
        "0 MASKED_EQ 18446744073709551612 8, 0 GT 11"
    })
    void entriesThatExcludeEachOtherDoNotOverlap(String one, String other) {
        assertThat(
                        entries(
                                        entry("read", "ALLOW", args(one)),
                                        entry("read", "TRAP", args(other)))
                                .notHonoured())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0 EQ 1, 1 EQ 2",
        "0 NE 1, 0 NE 2",
        "0 LT 6, 0 GE 5",
        "0 MASKED_EQ 3 1, 0 MASKED_EQ 12 4",
        "0 EQ 5, 0 LE 5"
    })
    void entriesThatDoNotExcludeEachOtherOverlap(String one, String other) {
        assertThat(
                        entries(
                                        entry("read", "ALLOW", args(one)),
                                        entry("read", "TRAP", args(other)))
                                .notHonoured())
                .hasSize(1);
    }

    @Test
    void includesAndExcludesDependOnTheTarget() {
        String profile =
                "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':["
                        + String.join(
                                ",",
                                entry("ptrace", "ALLOW", "'includes':{'minKernel':'4.8'}"),
                                entry("mount", "ALLOW", "'includes':{'caps':['CAP_SYS_ADMIN']}"),
                                entry("clone", "ALLOW", "'excludes':{'caps':['CAP_SYS_ADMIN']}"),
                                entry(
                                        "bpf",
                                        "ALLOW",
                                        "'includes':{'caps':['CAP_SYS_ADMIN','CAP_BPF']}"),
                                entry("syslog", "ALLOW", "'excludes':{'minKernel':'5.0'}"),
                                entry("fcntl", "ALLOW", "'includes':{'arches':['arm64']}"),
                                entry("flock", "ALLOW", "'excludes':{'arches':['arm64','arm']}"))
                        + "]}";
        assertThat(open(profile, target(SyscallAbi.X86_64, 6, 1)))
                .containsExactlyInAnyOrder("ptrace", "clone", "flock");
        assertThat(open(profile, target(SyscallAbi.X86_64, 4, 7)))
                .containsExactlyInAnyOrder("clone", "syslog", "flock");
        assertThat(open(profile, target(SyscallAbi.X86_64, 4, 8, Capability.SYS_ADMIN)))
                .containsExactlyInAnyOrder("ptrace", "mount", "syslog", "flock");
        assertThat(
                        open(
                                profile,
                                target(
                                        SyscallAbi.AARCH64,
                                        5,
                                        0,
                                        Capability.SYS_ADMIN,
                                        Capability.BPF)))
                .containsExactlyInAnyOrder("ptrace", "mount", "bpf", "fcntl");
    }

    private static Set<String> open(String profile, SeccompTarget target) {
        SyscallPolicy policy = convert(profile, target).policy();
        return Arrays.stream(Syscall.values())
                .filter(call -> policy.decide(call).equals(SyscallAction.ALLOW))
                .map(Syscall::label)
                .collect(Collectors.toSet());
    }

    @Test
    void whatTheCpuDoesNotHaveIsTold() {
        Conversion conversion = entries(entry("read socketcall _llseek later_call", "ALLOW"));
        assertThat(conversion.notHonoured())
                .containsExactly(
                        "syscalls[0]: no system calls of x86-64, up to Linux 7.0, so left out:"
                                + " socketcall, _llseek, later_call");
        Conversion arm =
                convert(
                        "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':["
                                + entry("open", "ALLOW")
                                + "]}",
                        target(SyscallAbi.AARCH64, 6, 1));
        assertThat(arm.policy().rules()).isEmpty();
        assertThat(arm.notHonoured()).hasSize(1);
    }

    @Test
    void whatIsNewerThanAllThatIsNamedFailsWithEnosys() {
        String form =
                "{'defaultAction':'SCMP_ACT_%s',%s'syscalls':["
                        + entry("statx openat", "ALLOW")
                        + ","
                        + entry("rseq", "ERRNO")
                        + "]}";
        String here = "'architectures':['SCMP_ARCH_X86_64'],";
        SyscallPolicy policy = convert(form.formatted("ERRNO", here), X86).policy();
        // 334 on x86-64, and named by an entry that has the default action.
        assertThat(policy.decide(Syscall.RSEQ)).isEqualTo(EPERM);
        assertThat(policy.decide(Syscall.MOUNT)).isEqualTo(EPERM);
        assertThat(policy.decide(Syscall.PIDFD_OPEN)).isEqualTo(ENOSYS);
        assertThat(policy.decide(Syscall.CLONE3)).isEqualTo(ENOSYS);
        // runc looks at the CPUs that the profile names.
        SyscallPolicy elsewhere =
                convert(form.formatted("ERRNO", "'architectures':['SCMP_ARCH_ARM'],"), X86)
                        .policy();
        assertThat(elsewhere.decide(Syscall.CLONE3)).isEqualTo(EPERM);
        SyscallPolicy open = convert(form.formatted("LOG", here), X86).policy();
        assertThat(open.decide(Syscall.CLONE3)).isEqualTo(SyscallAction.LOG);
    }

    @Test
    void whatCannotBeDoneIsTold() {
        Conversion conversion =
                convert(
                        """
                        {'defaultAction':'SCMP_ACT_KILL',
                         'archMap':[
                          {'architecture':'SCMP_ARCH_AARCH64','subArchitectures':['SCMP_ARCH_ARM']},
                          {'architecture':'SCMP_ARCH_X86_64',
                           'subArchitectures':['SCMP_ARCH_X86','SCMP_ARCH_X32']}],
                         'flags':['SECCOMP_FILTER_FLAG_LOG','SECCOMP_FILTER_FLAG_LATER'],
                         'listenerPath':'/run/agent','listenerMetadata':'x',
                         'syscalls':[
                          {'names':['rseq_slice_yield'],'action':'SCMP_ACT_TRACE'},
                          {'names':['read'],'action':'SCMP_ACT_KILL_PROCESS'},
                          {'names':['mkdir'],'action':'SCMP_ACT_NOTIFY'}]}
                        """,
                        X86);
        assertThat(conversion.policy().flags()).containsExactly(FilterFlag.LOG);
        assertThat(conversion.policy().decide(Syscall.MKDIR)).isEqualTo(SyscallAction.NOTIFY);
        assertThat(conversion.notHonoured())
                .containsExactly(
                        "default: SCMP_ACT_KILL ends the run, not the thread alone",
                        "syscalls[0]: SCMP_ACT_TRACE has no tracer here, so that the call fails"
                                + " with ENOSYS",
                        "syscalls[1]: SCMP_ACT_KILL_PROCESS ends the run, not the process alone",
                        "archMap[1].subArchitectures: calls of a foreign interface end their"
                                + " process, those of SCMP_ARCH_X86 and SCMP_ARCH_X32 too",
                        "flags: not known here, so not set: SECCOMP_FILTER_FLAG_LATER",
                        "listenerPath: nothing is sent to /run/agent; a handler in the JVM answers"
                                + " instead",
                        "listenerMetadata: nothing is sent to a listener");
    }

    @Test
    void aProfileThatContradictsItselfIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        convert(
                                "{'defaultAction':'SCMP_ACT_KILL','architectures':"
                                        + "['SCMP_ARCH_X86'],'archMap':[{'architecture':"
                                        + "'SCMP_ARCH_X86'}]}",
                                X86))
                .withMessage("architectures and archMap exclude each other, both are there");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> entries(entry("read", "ALLOW", "'name':'write'")))
                .withMessage("syscalls[0]: name and names exclude each other, both are there");
    }

    @Test
    void commentsBecomeReasons() {
        assertThat(
                        entries(entry("read", "ALLOW", "'comment':'first\\n  second '"))
                                .policy()
                                .rules()
                                .getFirst()
                                .reason())
                .isEqualTo("first second");
    }

    @Test
    void theProfileThatPodmanHasOpensWhatProgramsNeed() {
        Path file = Path.of("/usr/share/containers/seccomp.json");
        Assumptions.assumeTrue(
                Files.isReadable(file),
                "no profile of Podman here: install the Debian package"
                        + " golang-github-containers-common");
        Conversion conversion = SeccompProfile.read(file).toPolicy(X86);
        SyscallPolicy policy = conversion.policy();
        assertThat(policy.decide(Syscall.READ)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.EXECVE)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.BPF)).isEqualTo(EPERM);
        // AF_NETLINK with NETLINK_AUDIT.
        assertThat(policy.decide(Syscall.SOCKET, 16, 3, 9))
                .isEqualTo(SyscallAction.fail(Errno.EINVAL));
        assertThat(policy.decide(Syscall.SOCKET, 16, 3, 0)).isEqualTo(SyscallAction.ALLOW);
        assertThat(policy.decide(Syscall.SOCKET, 2, 1, 0)).isEqualTo(SyscallAction.ALLOW);
        // Nothing but names of other CPUs, and the 32-bit interfaces.
        assertThat(conversion.notHonoured())
                .isNotEmpty()
                .allMatch(text ->
                        text.contains("no system calls of x86-64")
                                || text.startsWith("archMap[0].subArchitectures"));
    }
}
