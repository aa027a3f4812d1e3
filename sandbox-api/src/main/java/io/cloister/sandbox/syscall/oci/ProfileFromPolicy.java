package io.cloister.sandbox.syscall.oci;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.FilterFlag;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAbi;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// A policy to a profile that means the same.
///
/// The rules of a call, tried in their order, part its possible arguments into sets of which each
/// has an action. Those whose action is the default are left out, the others become entries; since
/// no two with different actions have a call in common, their order does not count.
final class ProfileFromPolicy {

    /// A filter has at most 4096 instructions, and an entry takes several. Of some calls with more
    /// entries than this, libseccomp 2.5.4 does not come to an end.
    private static final int MOST_ENTRIES = 128;

    /// libseccomp refuses 4095, which the kernel has.
    private static final int MOST_ERRNO = 4094;

    private static final SyscallAction ENOSYS = SyscallAction.fail(Errno.ENOSYS);

    private final SyscallPolicy policy;
    private final SyscallAction otherwise;

    /// What happens to some of the arguments of a call.
    private record Part(SyscallAction action, String reason, List<SeccompArgument> conditions) {}

    ProfileFromPolicy(SyscallPolicy policy) {
        this.policy = policy;
        otherwise = defaultAction(policy);
    }

    /// The action for what no entry names. Runtimes give it to unknown numbers too where it is
    /// open; where it closes they answer `ENOSYS` to them.
    private static SyscallAction defaultAction(SyscallPolicy policy) {
        if (isOpen(policy.unknown())) {
            return policy.unknown();
        }
        if (!policy.unknown().equals(ENOSYS)) {
            throw new IllegalArgumentException(
                    "unknown must be ENOSYS, allow or log, which are what runtimes do with unknown"
                            + " numbers, was "
                            + policy.unknown());
        }
        return isOpen(policy.otherwise()) ? ENOSYS : policy.otherwise();
    }

    private static boolean isOpen(SyscallAction action) {
        return action instanceof SyscallAction.Allow || action instanceof SyscallAction.Log;
    }

    SeccompProfile profile() {
        Map<Syscall, List<SyscallRule>> rules = new EnumMap<>(Syscall.class);
        for (SyscallRule rule : policy.rules()) {
            rules.computeIfAbsent(rule.call(), _ -> new ArrayList<>()).add(rule);
        }
        Map<List<Part>, List<String>> calls = new LinkedHashMap<>();
        Set<Syscall> named = new HashSet<>();
        for (Syscall call : Syscall.values()) {
            List<Part> parts = parts(rules.getOrDefault(call, List.of()));
            if (!parts.isEmpty()) {
                calls.computeIfAbsent(parts, _ -> new ArrayList<>()).add(call.label());
                named.add(call);
            }
        }
        List<SeccompEntry> entries = new ArrayList<>();
        calls.forEach((parts, names) -> parts.forEach(part -> entries.add(entry(names, part))));
        if (!isOpen(otherwise)) {
            newest(named).ifPresent(entries::add);
        }
        return new SeccompProfile(
                action(otherwise),
                errnoRet(otherwise),
                Optional.empty(),
                List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"),
                List.of(),
                policy.flags().stream().map(FilterFlag::label).toList(),
                Optional.empty(),
                Optional.empty(),
                entries);
    }

    private List<Part> parts(List<SyscallRule> rules) {
        List<SyscallRule> conditional = new ArrayList<>();
        SyscallAction last = policy.otherwise();
        String reason = "";
        for (SyscallRule rule : rules) {
            if (rule.tests().isEmpty()) {
                last = rule.action();
                reason = rule.reason();
                break;
            }
            conditional.add(rule);
        }
        if (conditional.size() == 1 && last.equals(otherwise) && isPlain(conditional.getFirst())) {
            return plain(conditional.getFirst());
        }
        return partition(conditional, last, reason);
    }

    /// Whether libseccomp has each test of a rule as it is. It is relied on for one rule of a call.
    private static boolean isPlain(SyscallRule rule) {
        Set<Integer> indexes = new HashSet<>();
        return rule.tests().stream()
                .allMatch(test ->
                        indexes.add(test.index())
                                && (test.mask() == -1
                                        || test.relation() == ArgumentTest.Relation.EQUAL));
    }

    private List<Part> plain(SyscallRule rule) {
        if (rule.action().equals(otherwise)) {
            return List.of();
        }
        List<SeccompArgument> conditions =
                rule.tests().stream().map(ProfileFromPolicy::condition).toList();
        return List.of(new Part(rule.action(), rule.reason(), conditions));
    }

    private static SeccompArgument condition(ArgumentTest test) {
        return test.mask() == -1
                ? new SeccompArgument(
                        test.index(), test.value(), 0, SeccompOperator.of(test.relation()))
                : new SeccompArgument(
                        test.index(), test.mask(), test.value(), SeccompOperator.MASKED_EQ);
    }

    /// What a rule decides: the calls that pass it, without those that pass an earlier rule with
    /// another action. An earlier one with the same action may decide some of them; that does not
    /// show.
    private List<Part> partition(List<SyscallRule> rules, SyscallAction last, String reason) {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            SyscallRule rule = rules.get(i);
            if (!rule.action().equals(otherwise)) {
                List<Cube> decided = passing(rule);
                decided = without(decided, rules.subList(0, i), rule.action());
                decided.forEach(cube -> parts.add(part(rule.action(), rule.reason(), cube)));
                check(parts.size(), rule);
            }
        }
        if (!last.equals(otherwise)) {
            List<Cube> decided = without(List.of(Cube.ALL), rules, last);
            decided.forEach(cube -> parts.add(part(last, reason, cube)));
            if (!rules.isEmpty()) {
                check(parts.size(), rules.getLast());
            }
        }
        return parts;
    }

    private static Part part(SyscallAction action, String reason, Cube cube) {
        return new Part(action, reason, cube.conditions());
    }

    /// Without what passes a rule with another action.
    private List<Cube> without(List<Cube> cubes, List<SyscallRule> rules, SyscallAction action) {
        List<Cube> left = cubes;
        for (SyscallRule rule : rules) {
            if (!rule.action().equals(action)) {
                for (Cube taken : passing(rule)) {
                    left = left.stream().flatMap(cube -> cube.minus(taken).stream()).toList();
                    check(left.size(), rule);
                }
            }
        }
        return left;
    }

    /// What passes a rule.
    private List<Cube> passing(SyscallRule rule) {
        List<Cube> passing = List.of(Cube.ALL);
        for (ArgumentTest test : rule.tests()) {
            passing = passing.stream().flatMap(cube -> cube.passing(test).stream()).toList();
            check(passing.size(), rule);
        }
        return passing;
    }

    private void check(int entries, SyscallRule rule) {
        if (entries > MOST_ENTRIES) {
            throw new IllegalArgumentException(
                    "rule #%d (%s) would take more than %d entries in the form of Docker and OCI, which has no order among conditions and compares all 64 bits or masked ones for equality"
                            .formatted(policy.rules().indexOf(rule), rule, MOST_ENTRIES));
        }
    }

    /// Names the newest call, for runtimes that look for what is newer than all that is named.
    private Optional<SeccompEntry> newest(Set<Syscall> named) {
        List<String> missing = new ArrayList<>();
        for (SyscallAbi abi : SyscallAbi.values()) {
            Syscall newest = abi.calls().lastEntry().getValue();
            if (!named.contains(newest) && !missing.contains(newest.label())) {
                missing.add(newest.label());
            }
        }
        String comment = "the newest known call, with the default action: ENOSYS is for newer ones";
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(entry(missing, new Part(otherwise, comment, List.of())));
    }

    private static SeccompEntry entry(List<String> names, Part part) {
        return new SeccompEntry(
                names,
                Optional.empty(),
                action(part.action()),
                errnoRet(part.action()),
                Optional.empty(),
                part.conditions(),
                part.reason(),
                SeccompScope.NONE,
                SeccompScope.NONE);
    }

    private static SeccompAction action(SyscallAction action) {
        return switch (action) {
            case SyscallAction.Kill _ -> SeccompAction.KILL_PROCESS;
            case SyscallAction.Trap _ -> SeccompAction.TRAP;
            case SyscallAction.Fail _ -> SeccompAction.ERRNO;
            case SyscallAction.Notify _ -> SeccompAction.NOTIFY;
            case SyscallAction.Log _ -> SeccompAction.LOG;
            case SyscallAction.Allow _ -> SeccompAction.ALLOW;
        };
    }

    private static OptionalLong errnoRet(SyscallAction action) {
        if (action instanceof SyscallAction.Fail(int errno) && errno > MOST_ERRNO) {
            throw new IllegalArgumentException(
                    "errno must be <= " + MOST_ERRNO + " for libseccomp, was " + errno);
        }
        return action instanceof SyscallAction.Fail(int errno)
                ? OptionalLong.of(errno)
                : OptionalLong.empty();
    }
}
