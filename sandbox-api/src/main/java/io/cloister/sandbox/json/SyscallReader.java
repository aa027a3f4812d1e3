package io.cloister.sandbox.json;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.ArgumentTest.Relation;
import io.cloister.sandbox.syscall.FilterFlag;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallGroup;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// JSON to a policy of system calls.
///
/// ```json
/// "judge"
/// {"profile": "judge", "rules": [...]}
/// {"otherwise": "EPERM", "unknown": "ENOSYS", "rules": [
///   {"calls": ["ioctl"],
///    "arguments": [{"index": 1, "bits": 32, "is": "==", "value": "0x5412"}],
///    "action": "EPERM", "reason": "types into the terminal"}]}
/// ```
final class SyscallReader {

    static final String PROFILE = "profile";
    static final String OTHERWISE = "otherwise";
    static final String UNKNOWN = "unknown";
    static final String FLAGS = "flags";
    static final String RULES = "rules";
    static final String CALLS = "calls";
    static final String ARGUMENTS = "arguments";
    static final String ACTION = "action";
    static final String REASON = "reason";
    static final String INDEX = "index";
    static final String BITS = "bits";
    static final String MASK = "mask";
    static final String IS = "is";
    static final String VALUE = "value";

    private static final int MAX_ERRNO = 4095;
    private static final Map<String, SyscallAction> ACTIONS =
            Map.of(
                    "kill", SyscallAction.KILL,
                    "trap", SyscallAction.TRAP,
                    "notify", SyscallAction.NOTIFY,
                    "log", SyscallAction.LOG,
                    "allow", SyscallAction.ALLOW);

    private SyscallReader() {}

    static SyscallPolicy read(Value json) {
        if (json.node().isString()) {
            return profile(json).policy();
        }
        Fields fields = json.fields(PROFILE, OTHERWISE, UNKNOWN, FLAGS, RULES);
        if (fields.has(PROFILE) == fields.has(OTHERWISE)) {
            throw json.expected("a profile's name, or either \"profile\" or \"otherwise\"");
        }
        SyscallPolicy base =
                fields.has(PROFILE)
                        ? profile(fields.require(PROFILE)).policy()
                        : SyscallPolicy.of(action(fields.require(OTHERWISE)));
        SyscallAction unknown = fields.read(UNKNOWN, SyscallReader::action, base.unknown());
        Set<FilterFlag> flags =
                fields.read(FLAGS, v -> Set.copyOf(v.list(SyscallReader::flag)), base.flags());
        List<SyscallRule> rules = new ArrayList<>();
        for (Value rule : fields.read(RULES, v -> v.list(r -> r), List.<Value>of())) {
            rules.addAll(rules(rule));
        }
        rules.addAll(base.rules());
        return json.checked(() -> new SyscallPolicy(base.otherwise(), unknown, rules, flags));
    }

    private static SyscallProfile profile(Value json) {
        return json.oneOf(SyscallProfile.values(), SyscallProfile::label);
    }

    private static FilterFlag flag(Value json) {
        return json.oneOf(FilterFlag.values(), FilterFlag::label);
    }

    /// The rules of one entry: one for each of its calls, in their order.
    private static List<SyscallRule> rules(Value json) {
        Fields fields = json.fields(CALLS, ARGUMENTS, ACTION, REASON);
        List<Syscall> calls =
                fields.require(CALLS).list(SyscallReader::calls).stream()
                        .flatMap(List::stream)
                        .toList();
        if (calls.isEmpty()) {
            throw fields.require(CALLS).refused("must name a system call");
        }
        List<ArgumentTest> tests =
                fields.read(ARGUMENTS, v -> v.list(SyscallReader::test), List.of());
        SyscallAction action = action(fields.require(ACTION));
        String reason = fields.read(REASON, Value::text, "");
        return json.checked(() ->
                calls.stream().map(call -> new SyscallRule(call, tests, action, reason)).toList());
    }

    /// The calls that a name stands for. A call, or those of a group such as `@debug`.
    private static List<Syscall> calls(Value json) {
        return Syscall.named(json.text())
                .map(List::of)
                .or(() -> SyscallGroup.named(json.text()).map(group -> List.copyOf(group.calls())))
                .orElseThrow(() ->
                        json.misspelt(
                                "the name of a system call of 64-bit Linux",
                                Arrays.stream(Syscall.values()).map(Syscall::label).toList()));
    }

    private static ArgumentTest test(Value json) {
        Fields fields = json.fields(INDEX, BITS, MASK, IS, VALUE);
        if (fields.has(BITS) == fields.has(MASK)) {
            throw json.expected("either \"bits\" or \"mask\"");
        }
        long mask =
                fields.find(BITS)
                        .map(SyscallReader::bits)
                        .or(() -> fields.find(MASK).map(SyscallReader::number))
                        .orElseThrow();
        Relation relation = relation(fields.require(IS));
        long value = number(fields.require(VALUE));
        int index = fields.require(INDEX).integer();
        return json.checked(() -> new ArgumentTest(index, mask, relation, value));
    }

    /// The mask of all bits of an argument: 32 of an `int`, 64 of a `long` or pointer.
    private static long bits(Value json) {
        if (json.node().isIntegralNumber() && json.node().canConvertToInt()) {
            switch (json.node().intValue()) {
                case 32 -> {
                    return 0xffffffffL;
                }
                case 64 -> {
                    return -1L;
                }
                default -> {
                    // Falls through to the refusal.
                }
            }
        }
        throw json.expected("32 or 64");
    }

    private static Relation relation(Value json) {
        return json.oneOf(Relation.values(), Relation::symbol);
    }

    /// A number of 64 bits without a sign: `5`, `"5"` or `"0x5"`.
    private static long number(Value json) {
        if (json.node().isIntegralNumber()) {
            return json.unsigned();
        }
        String what = "a number from 0 to 2^64 - 1, such as \"0x5412\"";
        if (!json.node().isString()) {
            throw json.expected(what);
        }
        String text = json.node().stringValue();
        try {
            return text.startsWith("0x")
                    ? Long.parseUnsignedLong(withoutSign(text.substring(2)), 16)
                    : Long.parseUnsignedLong(withoutSign(text));
        } catch (NumberFormatException e) {
            throw json.expected(what);
        }
    }

    private static String withoutSign(String digits) {
        if (digits.startsWith("+") || digits.startsWith("-")) {
            throw new NumberFormatException(digits);
        }
        return digits;
    }

    private static SyscallAction action(Value json) {
        String what =
                "\"kill\", \"trap\", \"notify\", \"log\", \"allow\", the name of an error such as"
                        + " \"EPERM\"";
        if (json.node().isIntegralNumber() && json.node().canConvertToInt()) {
            return json.checked(() -> new SyscallAction.Fail(json.integer()));
        }
        if (!json.node().isString()) {
            throw json.expected(what + ", or its number from 1 to " + MAX_ERRNO);
        }
        String text = json.node().stringValue();
        return Optional.ofNullable(ACTIONS.get(text))
                .or(() -> Errno.named(text).map(SyscallAction::fail))
                .orElseThrow(() -> json.expected(what + ", or its number from 1 to " + MAX_ERRNO));
    }
}
