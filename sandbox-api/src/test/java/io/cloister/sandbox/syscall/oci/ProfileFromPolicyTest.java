package io.cloister.sandbox.syscall.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.ArgumentTest.Relation;
import io.cloister.sandbox.syscall.FilterFlag;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAbi;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// That a profile means what the policy means that it is made of. Whether libseccomp agrees is
/// tested where there is an evaluator for its filters.
class ProfileFromPolicyTest {

    private static final SeccompTarget X86 = new SeccompTarget(Set.of(), 6, 1, SyscallAbi.X86_64);
    private static final SyscallAction EPERM = SyscallAction.fail(Errno.EPERM);

    private static void meansTheSame(SyscallPolicy policy, Random random) {
        SeccompProfile profile = SeccompProfile.of(policy);
        assertThat(SeccompProfile.fromJson(profile.toJson())).isEqualTo(profile);
        Conversion back = profile.toPolicy(X86);
        assertThat(back.notHonoured()).noneMatch(text -> text.contains("the stricter one holds"));
        assertThat(back.policy().unknown()).isEqualTo(policy.unknown());
        assertThat(back.policy().flags()).isEqualTo(policy.flags());
        for (Syscall call : SyscallAbi.X86_64.calls().values()) {
            assertThat(back.policy().decide(call)).isEqualTo(policy.decide(call));
        }
        for (SyscallRule rule : policy.rules()) {
            for (int i = 0; i < 20; i++) {
                long[] arguments = arguments(policy, rule.call(), random);
                if (SyscallAbi.X86_64.number(rule.call()).isPresent()) {
                    assertThat(back.policy().decide(rule.call(), arguments))
                            .as("%s %s", rule, arguments)
                            .isEqualTo(policy.decide(rule.call(), arguments));
                }
            }
        }
    }

    /// Values at and beside those of the tests.
    private static long[] arguments(SyscallPolicy policy, Syscall call, Random random) {
        long[] arguments = new long[6];
        List<SyscallRule> rules =
                policy.rules().stream().filter(rule -> rule.call() == call).toList();
        for (SyscallRule rule : rules) {
            for (ArgumentTest test : rule.tests()) {
                if (random.nextBoolean()) {
                    arguments[test.index()] =
                            switch (random.nextInt(6)) {
                                case 0 -> test.value() + 1;
                                case 1 -> test.value() - 1;
                                case 2 -> test.value() | random.nextLong() & ~test.mask();
                                case 3 -> test.value() ^ 1L << random.nextInt(64);
                                case 4 -> random.nextLong();
                                default -> test.value();
                            };
                }
            }
        }
        return arguments;
    }

    private static SyscallPolicy random(Random random) {
        List<SyscallRule> rules = new ArrayList<>();
        Syscall[] calls = {Syscall.READ, Syscall.IOCTL, Syscall.CLONE3, Syscall.OPEN};
        for (int i = random.nextInt(1, 8); i > 0; i--) {
            ArgumentTest[] tests = new ArgumentTest[random.nextInt(3)];
            for (int j = 0; j < tests.length; j++) {
                long[] masks = {0xffffffffL, -1, -1, 1, 0x700000003L};
                long mask = masks[random.nextInt(masks.length)];
                long[] values = {0, 1, -1, 0x5412, 0x100000000L, random.nextLong()};
                long value = values[random.nextInt(values.length)] & mask;
                Relation relation = Relation.values()[random.nextInt(6)];
                tests[j] = new ArgumentTest(random.nextInt(3), mask, relation, value);
            }
            Syscall call = calls[random.nextInt(calls.length)];
            rules.add(SyscallRule.of(call, action(random), "because", tests));
        }
        SyscallAction[] unknown = {
            SyscallAction.fail(Errno.ENOSYS), SyscallAction.ALLOW, SyscallAction.LOG
        };
        return SyscallPolicy.of(action(random))
                .first(rules)
                .unknown(unknown[random.nextInt(unknown.length)]);
    }

    private static SyscallAction action(Random random) {
        SyscallAction[] actions = {
            SyscallAction.KILL,
            SyscallAction.TRAP,
            SyscallAction.NOTIFY,
            SyscallAction.LOG,
            SyscallAction.ALLOW,
            SyscallAction.ALLOW,
            EPERM,
            SyscallAction.fail(Errno.ENOSYS)
        };
        return actions[random.nextInt(actions.length)];
    }

    @Test
    void aRandomPolicyMeansTheSameAsItsProfile() {
        int made = 0;
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            SyscallPolicy policy = random(random);
            try {
                SeccompProfile.of(policy);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("would take more than 128 entries");
                continue;
            }
            meansTheSame(policy, random);
            made++;
        }
        assertThat(made).isGreaterThan(200);
    }

    @Test
    void theStandardPolicyMeansTheSameOnceUnknownNumbersAreOpen() {
        meansTheSame(SyscallPolicy.standard().unknown(SyscallAction.ALLOW), new Random(1));
        meansTheSame(SyscallPolicy.unfiltered(), new Random(1));
    }

    @Test
    void theStandardPolicyAsItIsTakesTooManyEntries() {
        // With ENOSYS for unknown numbers what is open must be said; here: neither argument is such
        // a value in its lower half.
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SeccompProfile.of(SyscallPolicy.standard()))
                .withMessageMatching(
                        "rule #\\d+ \\(ioprio_set\\(.*\\) would take more than 128 .*");
    }

    @Test
    void aListOfOpenCallsIsOneEntry() {
        SyscallPolicy policy =
                SyscallPolicy.of(EPERM)
                        .first(
                                List.of(
                                        SyscallRule.of(Syscall.WRITE, SyscallAction.ALLOW, "io"),
                                        SyscallRule.of(Syscall.READ, SyscallAction.ALLOW, "io")))
                        .flags(Set.of(FilterFlag.LOG));

        SeccompProfile profile = SeccompProfile.of(policy);

        assertThat(profile.defaultAction()).isEqualTo(SeccompAction.ERRNO);
        assertThat(profile.defaultErrnoRet()).hasValue(1);
        assertThat(profile.architectures())
                .containsExactly("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64");
        assertThat(profile.flags()).containsExactly("SECCOMP_FILTER_FLAG_LOG");
        assertThat(profile.syscalls())
                .extracting(SeccompEntry::names)
                .containsExactly(List.of("read", "write"), List.of("rseq_slice_yield"));
        assertThat(profile.syscalls().getFirst().comment()).isEqualTo("io");
        // A runtime passes over it, and finds no call that is newer.
        assertThat(profile.syscalls().getLast().action()).isEqualTo(SeccompAction.ERRNO);
    }

    @Test
    void anIntIsComparedInItsLowerHalf() {
        SyscallPolicy policy =
                SyscallPolicy.of(SyscallAction.ALLOW)
                        .unknown(SyscallAction.ALLOW)
                        .first(
                                SyscallRule.of(
                                        Syscall.IOCTL, EPERM, "", ArgumentTest.intIs(1, 0x5412)));
        assertThat(SeccompProfile.of(policy).syscalls())
                .extracting(SeccompEntry::args)
                .containsExactly(
                        List.of(
                                new SeccompArgument(
                                        1, 0xffffffffL, 0x5412, SeccompOperator.MASKED_EQ)));
    }

    @Test
    void aLonelyRuleKeepsItsComparison() {
        SyscallPolicy policy =
                SyscallPolicy.of(EPERM)
                        .first(
                                SyscallRule.of(
                                        Syscall.MMAP,
                                        SyscallAction.ALLOW,
                                        "",
                                        ArgumentTest.longIsBelow(1, 4096)));
        assertThat(SeccompProfile.of(policy).syscalls().getFirst().args())
                .containsExactly(new SeccompArgument(1, 4096, 0, SeccompOperator.LT));
    }

    @Test
    void aRuleThatTakesTooManyEntriesIsNamed() {
        SyscallPolicy policy =
                SyscallPolicy.of(SyscallAction.ALLOW)
                        .unknown(SyscallAction.ALLOW)
                        .first(
                                List.of(
                                        SyscallRule.of(Syscall.READ, EPERM, ""),
                                        SyscallRule.of(
                                                Syscall.WRITE,
                                                EPERM,
                                                "",
                                                ArgumentTest.intIsNot(0, 1),
                                                ArgumentTest.intIsNot(2, 7))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SeccompProfile.of(policy))
                .withMessageStartingWith(
                        "rule #1 (write(arg0 != 0x1, arg2 != 0x7): EPERM) would take more than 128"
                                + " entries in the form of Docker and OCI");
    }

    @Test
    void unknownNumbersGetWhatRuntimesGiveThem() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SeccompProfile.of(SyscallPolicy.of(EPERM).unknown(EPERM)))
                .withMessage(
                        "unknown must be ENOSYS, allow or log, which are what runtimes do with"
                                + " unknown numbers, was EPERM");
        SeccompProfile standard = SeccompProfile.of(SyscallPolicy.of(SyscallAction.ALLOW));
        assertThat(standard.defaultAction()).isEqualTo(SeccompAction.ERRNO);
        assertThat(standard.defaultErrnoRet()).hasValue(Errno.ENOSYS.number());
        assertThat(standard.syscalls().getFirst().names()).hasSize(Syscall.values().length);
    }
}
