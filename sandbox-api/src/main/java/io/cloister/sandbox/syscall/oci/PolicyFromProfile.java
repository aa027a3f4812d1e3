package io.cloister.sandbox.syscall.oci;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.FilterFlag;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// A profile to a policy, as runc and libseccomp understand it.
///
/// runc selects the entries, passes over those whose action is the default, and makes one rule of
/// each name and entry, or several where an argument stands twice. libseccomp keeps per call either
/// an action without conditions, of which the first wins and displaces all conditions, or a tree of
/// conditions. In front of its filter runc puts one that answers `ENOSYS` above the newest call.
final class PolicyFromProfile {

    private final SeccompProfile profile;
    private final SeccompTarget target;
    private final Set<String> notHonoured = new LinkedHashSet<>();

    /// Whether an entry closes something that is no call here, but may be one of a later kernel.
    private boolean closesUnknown;

    /// A rule, and where it comes from.
    private record Candidate(SyscallRule rule, int entry) {}

    PolicyFromProfile(SeccompProfile profile, SeccompTarget target) {
        this.profile = profile;
        this.target = target;
    }

    /// What libseccomp takes for an action: two are the same only if their errors are, too.
    private record Returned(SeccompAction action, long errno) {

        static Returned of(SeccompAction action, OptionalLong errnoRet, Optional<String> errno) {
            long number =
                    errno.flatMap(Errno::named)
                            .map(error -> (long) error.number())
                            .orElse(errnoRet.orElse(Errno.EPERM.number()));
            return switch (action) {
                case KILL, KILL_THREAD -> new Returned(SeccompAction.KILL, 0);
                case ERRNO, TRACE -> new Returned(action, number);
                case KILL_PROCESS, TRAP, ALLOW, LOG, NOTIFY -> new Returned(action, 0);
            };
        }
    }

    Conversion conversion() {
        if (!profile.architectures().isEmpty() && !profile.archMap().isEmpty()) {
            throw new IllegalArgumentException(
                    "architectures and archMap exclude each other, both are there");
        }
        SyscallAction otherwise =
                action(
                        "default",
                        profile.defaultAction(),
                        profile.defaultErrnoRet(),
                        profile.defaultErrno());
        Map<Syscall, List<Candidate>> candidates = new LinkedHashMap<>();
        Set<Syscall> named = EnumSet.noneOf(Syscall.class);
        for (int i = 0; i < profile.syscalls().size(); i++) {
            collect(i, candidates, named);
        }
        List<SyscallRule> rules = new ArrayList<>();
        candidates.forEach((call, ofCall) -> rules.addAll(decide(call, ofCall)));
        boolean open = isOpen(otherwise);
        boolean holdsHere = architectures();
        if (!open && holdsHere) {
            rules.addAll(newer(otherwise, named));
        }
        Set<FilterFlag> flags = flags();
        profile.listenerPath()
                .ifPresent(path ->
                        notHonoured.add(
                                "listenerPath: nothing is sent to "
                                        + path
                                        + "; a handler in the JVM answers instead"));
        profile.listenerMetadata()
                .ifPresent(_ -> notHonoured.add("listenerMetadata: nothing is sent to a listener"));
        SyscallAction unknown =
                open && !closesUnknown ? otherwise : SyscallAction.fail(Errno.ENOSYS);
        SyscallPolicy policy = new SyscallPolicy(otherwise, unknown, rules, flags);
        return new Conversion(filtered(policy), List.copyOf(notHonoured));
    }

    /// A profile that closes nothing still has a filter, which ends calls of foreign interfaces; a
    /// policy that says nothing else than that has none.
    private static SyscallPolicy filtered(SyscallPolicy policy) {
        return policy.profile().filter(SyscallProfile.UNFILTERED::equals).isEmpty()
                ? policy
                : policy.first(
                        SyscallRule.of(
                                Syscall.RESTART_SYSCALL,
                                SyscallAction.ALLOW,
                                "so that there is a filter, if only against foreign interfaces"));
    }

    /// TRACE is no open action here: without a tracer the kernel does not make the call.
    private static boolean isOpen(SyscallAction action) {
        return action instanceof SyscallAction.Allow || action instanceof SyscallAction.Log;
    }

    private void collect(int index, Map<Syscall, List<Candidate>> candidates, Set<Syscall> named) {
        SeccompEntry entry = profile.syscalls().get(index);
        String place = "syscalls[" + index + "]";
        if (entry.excludes().excludes(target) || !entry.includes().includes(target)) {
            return;
        }
        if (entry.name().isPresent() && !entry.names().isEmpty()) {
            throw new IllegalArgumentException(
                    place + ": name and names exclude each other, both are there");
        }
        List<String> names = entry.name().map(List::of).orElse(entry.names());
        List<Syscall> calls = calls(place, names);
        named.addAll(calls);
        SyscallAction action = action(place, entry.action(), entry.errnoRet(), entry.errno());
        closesUnknown |=
                !isOpen(action) && names.stream().anyMatch(name -> Syscall.named(name).isEmpty());
        Returned otherwise =
                Returned.of(
                        profile.defaultAction(), profile.defaultErrnoRet(), profile.defaultErrno());
        if (Returned.of(entry.action(), entry.errnoRet(), entry.errno()).equals(otherwise)) {
            return;
        }
        String reason = entry.comment().strip().replaceAll("\\s*\\R\\s*", " ");
        List<List<ArgumentTest>> alternatives = alternatives(entry.args());
        for (Syscall call : calls) {
            List<Candidate> ofCall = candidates.computeIfAbsent(call, _ -> new ArrayList<>());
            for (List<ArgumentTest> tests : alternatives) {
                ofCall.add(new Candidate(new SyscallRule(call, tests, action, reason), index));
            }
        }
    }

    private List<Syscall> calls(String place, List<String> names) {
        List<Syscall> calls = new ArrayList<>();
        List<String> elsewhere = new ArrayList<>();
        for (String name : names) {
            Syscall.named(name)
                    .filter(call -> target.abi().number(call).isPresent())
                    .ifPresentOrElse(calls::add, () -> elsewhere.add(name));
        }
        if (!elsewhere.isEmpty()) {
            notHonoured.add(
                    "%s: no system calls of %s, up to Linux 7.0, so left out: %s"
                            .formatted(place, target.abi().label(), String.join(", ", elsewhere)));
        }
        return calls;
    }

    /// The conditions of each rule that an entry becomes; a condition that always holds is none.
    private static List<List<ArgumentTest>> alternatives(List<SeccompArgument> args) {
        Set<Integer> indexes = new HashSet<>();
        boolean twice = args.stream().anyMatch(argument -> !indexes.add(argument.index()));
        List<List<ArgumentTest>> alternatives = new ArrayList<>();
        if (twice) {
            args.forEach(argument -> alternatives.add(test(argument).stream().toList()));
        } else {
            alternatives.add(args.stream().flatMap(argument -> test(argument).stream()).toList());
        }
        return alternatives;
    }

    private static Optional<ArgumentTest> test(SeccompArgument argument) {
        if (argument.op() != SeccompOperator.MASKED_EQ) {
            return Optional.of(
                    new ArgumentTest(
                            argument.index(), -1, argument.op().relation(), argument.value()));
        }
        long mask = argument.value();
        return mask == 0
                ? Optional.empty()
                : Optional.of(
                        new ArgumentTest(
                                argument.index(),
                                mask,
                                argument.op().relation(),
                                argument.valueTwo() & mask));
    }

    private List<SyscallRule> decide(Syscall call, List<Candidate> candidates) {
        for (Candidate candidate : candidates) {
            if (candidate.rule().tests().isEmpty()) {
                return List.of(candidate.rule());
            }
        }
        boolean overlap = false;
        for (int i = 0; i < candidates.size(); i++) {
            for (int j = i + 1; j < candidates.size(); j++) {
                overlap |= overlap(call, candidates.get(i), candidates.get(j));
            }
        }
        List<SyscallRule> rules = new ArrayList<>();
        candidates.forEach(candidate -> rules.add(candidate.rule()));
        if (overlap) {
            rules.sort(Comparator.comparingInt(rule -> laxity(rule.action())));
        }
        return rules;
    }

    private boolean overlap(Syscall call, Candidate one, Candidate other) {
        if (one.rule().action().equals(other.rule().action())
                || Exclusion.excludes(one.rule().tests(), other.rule().tests())) {
            return false;
        }
        notHonoured.add(
                "syscalls[%d] and syscalls[%d]: both may apply to the same %s, with %s and %s; the stricter one holds"
                        .formatted(
                                one.entry(),
                                other.entry(),
                                call.label(),
                                one.rule().action(),
                                other.rule().action()));
        return true;
    }

    /// The kernel's own order of actions, the strictest first.
    private static int laxity(SyscallAction action) {
        return switch (action) {
            case SyscallAction.Kill _ -> 0;
            case SyscallAction.Trap _ -> 1;
            case SyscallAction.Fail _ -> 2;
            case SyscallAction.Notify _ -> 3;
            case SyscallAction.Log _ -> 4;
            case SyscallAction.Allow _ -> 5;
        };
    }

    /// What is newer than every call that an entry names. A profile that names no call of this CPU
    /// closes all of them in its own way.
    private List<SyscallRule> newer(SyscallAction otherwise, Set<Syscall> named) {
        SyscallAction enosys = SyscallAction.fail(Errno.ENOSYS);
        int newest =
                named.stream()
                        .mapToInt(call -> target.abi().number(call).orElseThrow())
                        .max()
                        .orElse(0);
        if (newest == 0 || otherwise.equals(enosys)) {
            return List.of();
        }
        return target.abi().calls().tailMap(newest, false).values().stream()
                .map(call -> SyscallRule.of(call, enosys, "newer than all that the profile names"))
                .toList();
    }

    /// Tells of the foreign interfaces that the profile opens.
    ///
    /// Returns whether it names the CPU itself, for which alone runc looks for newer calls. The
    /// profile holds for the CPU in any case.
    private boolean architectures() {
        if (!profile.architectures().isEmpty()) {
            foreign("architectures", profile.architectures());
            return profile.architectures().contains(target.architecture());
        }
        for (int i = 0; i < profile.archMap().size(); i++) {
            ArchitectureMapping mapping = profile.archMap().get(i);
            if (mapping.architecture().equals(target.architecture())) {
                foreign("archMap[" + i + "].subArchitectures", mapping.subArchitectures());
                return true;
            }
        }
        return false;
    }

    private void foreign(String place, List<String> names) {
        List<String> foreign = new ArrayList<>(names);
        foreign.retainAll(target.foreignArchitectures());
        if (!foreign.isEmpty()) {
            notHonoured.add(
                    place
                            + ": calls of a foreign interface end their process, those of "
                            + String.join(" and ", foreign)
                            + " too");
        }
    }

    private Set<FilterFlag> flags() {
        Map<String, FilterFlag> known = new LinkedHashMap<>();
        for (FilterFlag flag : FilterFlag.values()) {
            known.put(flag.label(), flag);
        }
        Set<FilterFlag> flags = EnumSet.noneOf(FilterFlag.class);
        for (String name : profile.flags()) {
            if (known.containsKey(name)) {
                flags.add(known.get(name));
            } else {
                notHonoured.add("flags: not known here, so not set: " + name);
            }
        }
        return flags;
    }

    private SyscallAction action(
            String place, SeccompAction action, OptionalLong errnoRet, Optional<String> errno) {
        return switch (action) {
            case KILL, KILL_THREAD -> {
                notHonoured.add(
                        place + ": " + action.label() + " ends the run, not the thread alone");
                yield SyscallAction.KILL;
            }
            case KILL_PROCESS -> {
                notHonoured.add(
                        place + ": " + action.label() + " ends the run, not the process alone");
                yield SyscallAction.KILL;
            }
            case TRAP -> SyscallAction.TRAP;
            case ERRNO -> fail(place, errnoRet, errno);
            case TRACE -> {
                notHonoured.add(
                        place
                                + ": "
                                + action.label()
                                + " has no tracer here, so that the call fails with ENOSYS");
                yield SyscallAction.fail(Errno.ENOSYS);
            }
            case ALLOW -> SyscallAction.ALLOW;
            case LOG -> SyscallAction.LOG;
            case NOTIFY -> SyscallAction.NOTIFY;
        };
    }

    private SyscallAction fail(String place, OptionalLong errnoRet, Optional<String> errno) {
        Optional<Errno> byName = errno.flatMap(Errno::named);
        if (errno.isPresent() && byName.isEmpty()) {
            notHonoured.add(place + ": no error of Linux, so passed over: " + errno.get());
        }
        if (byName.isPresent()) {
            if (errnoRet.isPresent() && errnoRet.getAsLong() != byName.get().number()) {
                notHonoured.add(
                        "%s: %s and %d are different errors; the name holds, as in Podman"
                                .formatted(place, byName.get(), errnoRet.getAsLong()));
            }
            return SyscallAction.fail(byName.get());
        }
        long number = errnoRet.orElse(Errno.EPERM.number());
        if (number == 0) {
            notHonoured.add(
                    place + ": with error 0 the call would seem to succeed; it fails with EPERM");
            return SyscallAction.fail(Errno.EPERM);
        }
        // "data = min(data, MAX_ERRNO)" - kernel/seccomp.c
        int most = 4095;
        if (number > most) {
            notHonoured.add(
                    "%s: the kernel has no error %d; it is %d".formatted(place, number, most));
        }
        return new SyscallAction.Fail((int) Math.min(number, most));
    }
}
