package io.cloister.sandbox.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.ArgumentTest.Relation;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAbi;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;
import io.cloister.sandbox.syscall.oci.Conversion;
import io.cloister.sandbox.syscall.oci.SeccompAction;
import io.cloister.sandbox.syscall.oci.SeccompArgument;
import io.cloister.sandbox.syscall.oci.SeccompEntry;
import io.cloister.sandbox.syscall.oci.SeccompOperator;
import io.cloister.sandbox.syscall.oci.SeccompProfile;
import io.cloister.sandbox.syscall.oci.SeccompScope;
import io.cloister.sandbox.syscall.oci.SeccompTarget;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/// Profiles and policies turned into each other, against the filter that a container's runtime
/// installs for the profile.
class SeccompProfileFilterTest {

    private static final int PROFILES = 1500;
    private static final int POLICIES = 500;

    /// A profile, the filter that ours is held against, and ours.
    private record Case(RuncFilter runc, SyscallPolicy policy, List<SeccompData> calls) {}

    private static SeccompTarget target(CpuArchitecture cpu, Set<Capability> capabilities) {
        SyscallAbi abi = SyscallAbi.valueOf(cpu.name());
        return new SeccompTarget(capabilities, 5, 10, abi);
    }

    private static RuncFilter runc(SeccompProfile profile, SeccompTarget target) {
        return new RuncFilter(
                profile,
                CpuArchitecture.valueOf(target.abi().name()),
                target.capabilities().stream().map(Capability::label).collect(Collectors.toSet()),
                target.kernel(),
                target.major());
    }

    /// Compares the answers to calls, and to numbers above them.
    ///
    /// Those to other numbers that are no call differ where the default closes: ours is ENOSYS, as
    /// that of the kernel itself. A call that libseccomp does not know yet has no rule there.
    private static long compare(CpuArchitecture cpu, List<Case> cases) {
        List<Libseccomp.Request> requests = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            requests.add(cases.get(i).runc().request(i % 2 == 0));
        }
        List<BpfProgram> theirs = Libseccomp.filters(requests);
        Set<Integer> known = new HashSet<>(Libseccomp.numbers(cpu, List.of(Syscall.values())));
        known.removeIf(number -> number < 0);
        long compared = 0;
        for (int i = 0; i < cases.size(); i++) {
            Case one = cases.get(i);
            BpfProgram ours =
                    FilterCompiler.compile(one.policy(), cpu, FilterCompiler.Options.NONE);
            for (SeccompData call : one.calls()) {
                if (known.contains(call.number())
                        || one.runc().isAbove(call)
                                && SyscallTable.of(cpu).call(call.number()).isEmpty()) {
                    assertThat(BpfEvaluator.run(ours, call).action())
                            .as("case %d, %s, %s", i, call, requests.get(i))
                            .isEqualTo(one.runc().answer(theirs.get(i), call));
                    compared++;
                }
            }
        }
        return compared;
    }

    private static List<SeccompData> calls(
            CpuArchitecture cpu, Random random, List<ArgumentTest> tests, Set<Syscall> ruled) {
        SeededCalls seeded = new SeededCalls(random, cpu);
        List<SeccompData> calls = seeded.ofEveryNumber();
        for (Syscall call : ruled) {
            SyscallTable.of(cpu)
                    .number(call)
                    .ifPresent(number -> calls.addAll(seeded.about(number, tests, 100)));
        }
        return calls;
    }

    @ParameterizedTest
    @EnumSource
    void aRandomProfileBecomesAPolicyThatDoesTheSame(CpuArchitecture cpu) {
        List<Case> cases = new ArrayList<>();
        for (int seed = 0; seed < PROFILES; seed++) {
            Random random = new Random(seed);
            SeccompProfile profile = new RandomProfile(random).profile();
            SeccompTarget target =
                    target(
                            cpu,
                            random.nextBoolean()
                                    ? Set.of(Capability.SYS_ADMIN)
                                    : Set.of(Capability.SYS_ADMIN, Capability.BPF));
            Conversion conversion = profile.toPolicy(target);
            assertThat(conversion.notHonoured())
                    .noneMatch(text -> text.contains("the stricter one"));
            SyscallPolicy policy = conversion.policy();
            List<ArgumentTest> tests =
                    policy.rules().stream().flatMap(rule -> rule.tests().stream()).toList();
            Set<Syscall> conditional = EnumSet.noneOf(Syscall.class);
            policy.rules().stream()
                    .filter(rule -> !rule.tests().isEmpty())
                    .forEach(rule -> conditional.add(rule.call()));
            cases.add(
                    new Case(
                            runc(profile, target), policy, calls(cpu, random, tests, conditional)));
        }
        assertThat(compare(cpu, cases)).isGreaterThan(600_000);
    }

    @ParameterizedTest
    @EnumSource
    void theProfileOfARandomPolicyDoesTheSame(CpuArchitecture cpu) {
        SeccompTarget target = target(cpu, Set.of());
        List<Case> cases = new ArrayList<>();
        for (int seed = 0; seed < POLICIES; seed++) {
            Random random = new Random(seed);
            SyscallPolicy policy = randomPolicy(random);
            SeccompProfile profile;
            try {
                profile = SeccompProfile.of(policy);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("would take more than 128 entries");
                continue;
            }
            List<ArgumentTest> tests =
                    policy.rules().stream().flatMap(rule -> rule.tests().stream()).toList();
            cases.add(
                    new Case(
                            runc(profile, target),
                            policy,
                            calls(cpu, random, tests, Set.of(Syscall.IOCTL))));
        }
        long compared = compare(cpu, cases);
        assertThat(compared).isGreaterThan(100_000);
        assertThat(cases).hasSizeGreaterThan(POLICIES / 2);
    }

    /// Rules of one call with conditions of every kind, in an order that counts.
    private static SyscallPolicy randomPolicy(Random random) {
        List<SyscallRule> rules = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            ArgumentTest[] tests = new ArgumentTest[random.nextInt(1, 3)];
            for (int j = 0; j < tests.length; j++) {
                long[] masks = {0xffffffffL, 0xffffffffL, -1, 3, 0x700000000L};
                long mask = masks[random.nextInt(masks.length)];
                long[] values = {0, 0, 1, 2, 0x5412, 0x100000001L, 0xffffffffL, -1};
                long value = values[random.nextInt(values.length)] & mask;
                Relation relation = Relation.values()[random.nextInt(6)];
                tests[j] = new ArgumentTest(random.nextInt(3), mask, relation, value);
            }
            rules.add(SyscallRule.of(Syscall.IOCTL, action(random), "", tests));
        }
        for (Syscall call : List.of(Syscall.READ, Syscall.MOUNT, Syscall.CLONE3)) {
            if (random.nextBoolean()) {
                rules.add(SyscallRule.of(call, action(random), ""));
            }
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
            SyscallAction.fail(Errno.EPERM),
            SyscallAction.fail(Errno.ENOSYS)
        };
        return actions[random.nextInt(actions.length)];
    }

    @ParameterizedTest
    @EnumSource
    void theProfileOfTheStandardPolicyDoesTheSame(CpuArchitecture cpu) {
        SyscallPolicy policy = SyscallPolicy.standard().unknown(SyscallAction.ALLOW);
        SeccompTarget target = target(cpu, Set.of());
        List<SeccompData> calls = new ArrayList<>();
        Random random = new Random(1);
        for (SyscallRule rule : policy.rules()) {
            if (!rule.tests().isEmpty()) {
                calls.addAll(calls(cpu, random, rule.tests(), Set.of(rule.call())));
            }
        }
        RuncFilter runc = runc(SeccompProfile.of(policy), target);
        long compared = compare(cpu, List.of(new Case(runc, policy, calls)));
        assertThat(compared).isGreaterThan(10_000);
    }

    @ParameterizedTest
    @EnumSource
    void theProfileThatPodmanHasDoesTheSame(CpuArchitecture cpu) {
        Path file = Path.of("/usr/share/containers/seccomp.json");
        Assumptions.assumeTrue(
                Files.isReadable(file),
                "no profile of Podman here: install the Debian package"
                        + " golang-github-containers-common");
        SeccompProfile profile = SeccompProfile.read(file);
        List<Case> cases = new ArrayList<>();
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
            for (Capability capability : Capability.values()) {
                if (seed > 0 && random.nextBoolean()) {
                    capabilities.add(capability);
                }
            }
            SeccompTarget target = target(cpu, capabilities);
            Conversion conversion = profile.toPolicy(target);
            assertThat(conversion.notHonoured())
                    .noneMatch(text -> text.contains("the stricter one"));
            List<ArgumentTest> tests =
                    conversion.policy().rules().stream()
                            .flatMap(rule -> rule.tests().stream())
                            .toList();
            cases.add(
                    new Case(
                            runc(profile, target),
                            conversion.policy(),
                            calls(
                                    cpu,
                                    random,
                                    tests,
                                    Set.of(Syscall.SOCKET, Syscall.PERSONALITY, Syscall.CLONE))));
        }
        assertThat(compare(cpu, cases)).isGreaterThan(20_000);
    }

    /// A profile that says all that profiles can say, with conditions that libseccomp can be
    /// trusted with; see [Libseccomp].
    private record RandomProfile(Random random) {

        SeccompProfile profile() {
            List<SeccompEntry> entries = new ArrayList<>();
            SeccompAction otherwise = anyAction();
            OptionalLong errnoRet =
                    random.nextBoolean() ? OptionalLong.of(38) : OptionalLong.empty();
            String[] names = {
                "read",
                "write",
                "mount",
                "bpf",
                "statx",
                "clone3",
                "socketcall",
                "no_such_call",
                "fadvise64",
                "openat2",
                "personality"
            };
            for (int i = random.nextInt(8); i > 0; i--) {
                List<String> some = new ArrayList<>();
                for (int j = random.nextInt(1, 4); j > 0; j--) {
                    some.add(names[random.nextInt(names.length)]);
                }
                entries.add(entry(some, anyAction(), List.of()));
            }
            entries.addAll(random.nextInt(entries.size() + 1), conditional());
            List<String> architectures =
                    random.nextBoolean()
                            ? List.of()
                            : List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64");
            return new SeccompProfile(
                    otherwise,
                    errnoRet,
                    Optional.empty(),
                    architectures,
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    entries);
        }

        /// The entries of one call.
        private List<SeccompEntry> conditional() {
            List<SeccompEntry> entries = new ArrayList<>();
            List<String> name = List.of("ioctl");
            SeccompAction action = anyAction();
            switch (random.nextInt(4)) {
                case 0 -> {
                    List<SeccompArgument> args = new ArrayList<>();
                    for (int i = random.nextInt(1, 6); i >= 0; i--) {
                        if (random.nextBoolean()) {
                            args.add(argument(i, SeccompOperator.values()[random.nextInt(7)]));
                        }
                    }
                    entries.add(always(name, action, args));
                }
                case 1 -> {
                    // One argument twice: any of them is enough.
                    List<SeccompArgument> args = new ArrayList<>();
                    for (int i = random.nextInt(2, 5); i > 0; i--) {
                        args.add(argument(random.nextInt(2), SeccompOperator.EQ));
                    }
                    entries.add(always(name, action, args));
                }
                case 2 -> {
                    for (int i = random.nextInt(1, 6); i > 0; i--) {
                        List<SeccompArgument> args = new ArrayList<>();
                        args.add(argument(0, SeccompOperator.MASKED_EQ));
                        args.add(argument(random.nextInt(1, 6), SeccompOperator.EQ));
                        entries.add(entry(name, action, OptionalLong.of(5), args));
                    }
                }
                default -> {
                    for (int i = random.nextInt(1, 6); i > 0; i--) {
                        SeccompArgument one =
                                new SeccompArgument(
                                        1, 0xffffffffL, 0x5400 + i, SeccompOperator.MASKED_EQ);
                        entries.add(entry(name, anyAction(), List.of(one)));
                    }
                }
            }
            return entries;
        }

        private SeccompArgument argument(int index, SeccompOperator op) {
            long[] values = {0, 1, 7, 0xffffffffL, 0x100000000L, -1, Long.MIN_VALUE};
            long value = values[random.nextInt(values.length)];
            return op == SeccompOperator.MASKED_EQ
                    ? new SeccompArgument(index, value == 0 ? 3 : value, random.nextInt(9), op)
                    : new SeccompArgument(index, value, 0, op);
        }

        private SeccompEntry always(
                List<String> names, SeccompAction action, List<SeccompArgument> args) {
            return SeccompEntry.of(names, action, args.toArray(SeccompArgument[]::new));
        }

        private SeccompEntry entry(
                List<String> names, SeccompAction action, List<SeccompArgument> args) {
            return entry(
                    names,
                    action,
                    random.nextBoolean() ? OptionalLong.of(13) : OptionalLong.empty(),
                    args);
        }

        private SeccompEntry entry(
                List<String> names,
                SeccompAction action,
                OptionalLong errnoRet,
                List<SeccompArgument> args) {
            return new SeccompEntry(
                    names,
                    Optional.empty(),
                    action,
                    errnoRet,
                    Optional.empty(),
                    args,
                    "",
                    scope(),
                    scope());
        }

        private SeccompScope scope() {
            return switch (random.nextInt(12)) {
                case 0 -> new SeccompScope(List.of("CAP_SYS_ADMIN"), Optional.empty(), List.of());
                case 1 ->
                        new SeccompScope(
                                List.of("CAP_SYS_ADMIN", "CAP_BPF"), Optional.empty(), List.of());
                case 2 -> new SeccompScope(List.of(), Optional.of("5.10"), List.of());
                case 3 -> new SeccompScope(List.of(), Optional.of("5.11"), List.of());
                case 4 -> new SeccompScope(List.of(), Optional.empty(), List.of("arm64", "arm"));
                default -> SeccompScope.NONE;
            };
        }

        private SeccompAction anyAction() {
            SeccompAction[] actions = SeccompAction.values();
            return actions[random.nextInt(actions.length)];
        }
    }
}
