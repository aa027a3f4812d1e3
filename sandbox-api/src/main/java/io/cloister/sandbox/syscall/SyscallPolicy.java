package io.cloister.sandbox.syscall;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.json.SyscallJson;
import io.cloister.sandbox.text.TextFile;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What happens to every system call there is. Immutable.
///
/// - Rules of the same call are tried in their order; the first that applies decides.
/// - A call that no rule decides gets `otherwise`. With [SyscallAction#ALLOW] the rules are a list
///   of what is closed; with anything else they are a list of what is open, and an empty list is
///   open for nothing.
/// - A number that is no [Syscall] gets `unknown`, whatever `otherwise` is. So a call of a later
///   kernel is closed until someone has looked at it.
/// - A call of a foreign ABI (32-bit entry points, x32) ends its process by `SIGSYS`: its numbers
///   mean other calls. No policy opens that but [#unfiltered()].
///
/// The calls by which the sandbox itself starts the command are not the program's, and are made
/// whatever the policy says.
///
/// @param otherwise what happens to a call that no rule decides
/// @param unknown what happens to a number that is no call
/// @param rules in the order in which they are tried
/// @param flags options for the installation
public record SyscallPolicy(
        SyscallAction otherwise,
        SyscallAction unknown,
        List<SyscallRule> rules,
        Set<FilterFlag> flags) {

    private static final SyscallAction ENOSYS = SyscallAction.fail(Errno.ENOSYS);

    /// Copies.
    ///
    /// @throws IllegalArgumentException if `unknown` is [SyscallAction#NOTIFY]: a handler is for a
    ///   call
    public SyscallPolicy {
        Objects.requireNonNull(otherwise, "otherwise");
        Objects.requireNonNull(unknown, "unknown");
        if (unknown instanceof SyscallAction.Notify) {
            throw new IllegalArgumentException("unknown must not be notify: no handler is for it");
        }
        rules = List.copyOf(rules);
        Set<FilterFlag> copy = EnumSet.noneOf(FilterFlag.class);
        copy.addAll(flags);
        flags = Collections.unmodifiableSet(copy);
    }

    /// {@return the default policy; see [SyscallProfile#STANDARD]}
    public static SyscallPolicy standard() {
        return SyscallProfile.STANDARD.policy();
    }

    /// {@return the policy for submissions to an online judge; see [SyscallProfile#JUDGE]}
    public static SyscallPolicy judge() {
        return SyscallProfile.JUDGE.policy();
    }

    /// {@return the policy for services that live long; see [SyscallProfile#PLUGIN]}
    public static SyscallPolicy plugin() {
        return SyscallProfile.PLUGIN.policy();
    }

    /// {@return the policy for builds; see [SyscallProfile#BUILD]}
    public static SyscallPolicy build() {
        return SyscallProfile.BUILD.policy();
    }

    /// {@return no filter at all, not even against foreign ABIs. Every bug of the kernel is in
    /// reach then: namespaces and missing capabilities are all that is left. In the confined tier
    /// ([io.cloister.sandbox.IsolationBuilder]) what the tier closes is closed all the same}
    public static SyscallPolicy unfiltered() {
        return SyscallProfile.UNFILTERED.policy();
    }

    /// {@return a policy that decides every call alike, and answers `ENOSYS` to unknown numbers}
    ///
    /// @param otherwise what happens to each call
    public static SyscallPolicy of(SyscallAction otherwise) {
        return new SyscallPolicy(otherwise, ENOSYS, List.of(), Set.of());
    }

    /// {@return this policy, with rules that are tried before its own}
    ///
    /// @param first the rules, in their order
    public SyscallPolicy first(Collection<SyscallRule> first) {
        List<SyscallRule> all = new ArrayList<>(first);
        all.addAll(rules);
        return new SyscallPolicy(otherwise, unknown, all, flags);
    }

    /// {@return this policy, with a rule that is tried before its own}
    ///
    /// @param rule the rule
    public SyscallPolicy first(SyscallRule rule) {
        return first(List.of(rule));
    }

    /// {@return this policy, with these calls open, whatever it said of them}
    ///
    /// @param calls the calls
    public SyscallPolicy allow(Syscall... calls) {
        return all(SyscallAction.ALLOW, calls);
    }

    /// {@return this policy, with these calls failing, whatever it said of them}
    ///
    /// @param errno what the program sees
    /// @param calls the calls
    public SyscallPolicy fail(Errno errno, Syscall... calls) {
        return all(SyscallAction.fail(errno), calls);
    }

    /// {@return this policy, with these calls ending the run, whatever it said of them}
    ///
    /// @param calls the calls
    public SyscallPolicy kill(Syscall... calls) {
        return all(SyscallAction.KILL, calls);
    }

    /// {@return this policy, with the JVM asked about `call` wherever it would be made: what the
    /// policy refuses it still refuses, whatever a handler says}
    ///
    /// To ask about what is refused too, put a rule with [SyscallAction#NOTIFY] in front.
    ///
    /// @param call the call
    /// @throws IllegalArgumentException if the policy never makes it, so that nobody would be asked
    public SyscallPolicy asking(Syscall call) {
        List<SyscallRule> asking = new ArrayList<>();
        boolean asked = false;
        boolean changed = false;
        for (SyscallRule rule : of(call)) {
            boolean made = makes(rule.action());
            changed |= made;
            asked |= made || rule.action() instanceof SyscallAction.Notify;
            asking.add(
                    made
                            ? new SyscallRule(
                                    call, rule.tests(), SyscallAction.NOTIFY, rule.reason())
                            : rule);
        }
        if (!asked) {
            throw new IllegalArgumentException(
                    "%s is refused by the policy whatever its arguments, so that no handler would be"
                                    .formatted(call.label())
                            + " asked; allow it, or put a rule with NOTIFY in front");
        }
        return changed ? first(asking) : this;
    }

    private static boolean makes(SyscallAction action) {
        return action instanceof SyscallAction.Allow || action instanceof SyscallAction.Log;
    }

    /// {@return the rules that can decide `call`, in their order, the last of them without a test:
    /// the default where no rule is}
    ///
    /// @param call the call
    public List<SyscallRule> of(Syscall call) {
        List<SyscallRule> deciding = new ArrayList<>();
        for (SyscallRule rule : rules) {
            if (rule.call() == call) {
                deciding.add(rule);
                if (rule.tests().isEmpty()) {
                    return deciding;
                }
            }
        }
        deciding.add(SyscallRule.of(call, otherwise, ""));
        return deciding;
    }

    private SyscallPolicy all(SyscallAction action, Syscall... calls) {
        return first(Arrays.stream(calls).map(call -> SyscallRule.of(call, action, "")).toList());
    }

    /// {@return this policy, with another answer to unknown numbers}
    ///
    /// @param action what happens to them
    public SyscallPolicy unknown(SyscallAction action) {
        return new SyscallPolicy(otherwise, action, rules, flags);
    }

    /// {@return this policy, with these options for the installation}
    ///
    /// @param options the options
    public SyscallPolicy flags(Set<FilterFlag> options) {
        return new SyscallPolicy(otherwise, unknown, rules, options);
    }

    /// {@return what happens to a call with these arguments}
    ///
    /// @param call the call
    /// @param arguments its arguments as registers, at most six; those that are not given are 0
    public SyscallAction decide(Syscall call, long... arguments) {
        return deciding(call, arguments).map(SyscallRule::action).orElse(otherwise);
    }

    /// {@return the rule that decides a call with these arguments; empty if none does, so that
    /// `otherwise` holds}
    ///
    /// @param call the call
    /// @param arguments its arguments as registers, at most six; those that are not given are 0
    public Optional<SyscallRule> deciding(Syscall call, long... arguments) {
        if (arguments.length > 6) {
            throw new IllegalArgumentException("arguments must be <= 6, were " + arguments.length);
        }
        return rules.stream()
                .filter(rule -> rule.call() == call)
                .filter(rule ->
                        rule.tests().stream()
                                .allMatch(test -> test.holds(at(arguments, test.index()))))
                .findFirst();
    }

    private static long at(long[] arguments, int index) {
        return index < arguments.length ? arguments[index] : 0;
    }

    /// {@return whether some call may get this action}
    ///
    /// @param action the action
    public boolean has(SyscallAction action) {
        return isSame(otherwise, action)
                || isSame(unknown, action)
                || rules.stream().anyMatch(rule -> isSame(rule.action(), action));
    }

    /// As `equals`, which the virtual machine makes for each kind of record at its first use: that
    /// is spared at the start of a program where the kind decides.
    private static boolean isSame(SyscallAction one, SyscallAction other) {
        return one == other || one.getClass() == other.getClass() && one.equals(other);
    }

    /// {@return the profile that this policy is or goes back to: all its rules stand at the end, in
    /// front of them are those of the caller; empty if there is none}
    public Optional<SyscallProfile> profile() {
        for (SyscallProfile profile : SyscallProfile.values()) {
            SyscallPolicy base = profile.policy();
            int own = rules.size() - base.rules.size();
            if (own >= 0
                    && isSame(otherwise, base.otherwise)
                    && isSame(unknown, base.unknown)
                    && rules.subList(own, rules.size()).equals(base.rules)
                    && (profile != SyscallProfile.UNFILTERED || own == 0)) {
                return Optional.of(profile);
            }
        }
        return Optional.empty();
    }

    /// Reads a policy from a JSON file in UTF-8; see [#fromJson(String)].
    ///
    /// @param file the file
    /// @return the policy
    /// @throws UncheckedIOException if the file cannot be read
    /// @throws IllegalArgumentException if it is no policy; the message begins with the path
    public static SyscallPolicy read(Path file) {
        return SyscallJson.readPolicy(file);
    }

    /// Reads a policy from JSON, of which there are three forms.
    ///
    /// - `"standard"`: a profile.
    /// - `{"profile": "standard", "rules": [...]}`: a profile with rules in front of it.
    /// - `{"otherwise": "EPERM", "rules": [...]}`: without a profile; `unknown` is `ENOSYS` unless
    ///   it is there.
    ///
    /// A rule is `{"calls": ["ioctl"], "arguments": [{"index": 1, "bits": 32, "is": "==", "value":
    /// "0x5412"}], "action": "EPERM", "reason": "..."}`. Instead of `bits`, which are 32 for an
    /// `int` and 64 for all else, `mask` names the bits that count. An action is `kill`, `trap`,
    /// `notify`, `log`, `allow`, or the name or number of an error. `flags` are names as of
    /// seccomp(2).
    ///
    /// @param json the text
    /// @return the policy
    /// @throws IllegalArgumentException if it is not JSON, has an unknown field, or a value is
    ///   refused; the message names the field, as in `rules[2].calls[0]: expected the name of a
    ///   system call of 64-bit Linux, was "raed"`
    public static SyscallPolicy fromJson(String json) {
        return SyscallJson.readPolicy(json);
    }

    /// {@return this policy as JSON, from which [#fromJson(String)] makes an equal one}
    public String toJson() {
        return SyscallJson.write(this);
    }

    /// Writes this policy to a JSON file in UTF-8, which is created or overwritten.
    ///
    /// @param file the file
    /// @throws UncheckedIOException if it cannot be written
    public void write(Path file) {
        TextFile.write(file, "policy", toJson());
    }

    /// For example `judge`, `judge with 2 rules in front` or `otherwise EPERM, 12 rules`.
    @Override
    public String toString() {
        return profile()
                .map(profile -> {
                    int own = rules.size() - profile.policy().rules.size();
                    return profile.label() + (own == 0 ? "" : " with " + own + " rules in front");
                })
                .orElseGet(() -> "otherwise " + otherwise + ", " + rules.size() + " rules");
    }
}
