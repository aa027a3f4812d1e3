package io.cloister.sandbox.json;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;
import io.cloister.sandbox.syscall.SyscallRule;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Optional;

/// A policy of system calls to JSON; see [SyscallReader]. Of a policy that goes back to a profile,
/// the profile's name is written and the rules in front of it.
final class SyscallWriter {
    private static final long INT = 0xffffffffL;

    private SyscallWriter() {}

    static JsonNode write(SyscallPolicy policy) {
        Optional<SyscallProfile> profile = policy.profile();
        int own =
                policy.rules().size()
                        - profile.map(known -> known.policy().rules().size()).orElse(0);
        if (profile.isPresent() && own == 0 && policy.flags().isEmpty()) {
            return JsonText.MAPPER.getNodeFactory().stringNode(profile.get().label());
        }
        ObjectNode json = JsonText.MAPPER.createObjectNode();
        if (profile.isPresent()) {
            json.put(SyscallReader.PROFILE, profile.get().label());
        } else {
            action(json, SyscallReader.OTHERWISE, policy.otherwise());
            action(json, SyscallReader.UNKNOWN, policy.unknown());
        }
        if (!policy.flags().isEmpty()) {
            ArrayNode flags = json.putArray(SyscallReader.FLAGS);
            policy.flags().forEach(flag -> flags.add(flag.label()));
        }
        rules(json.putArray(SyscallReader.RULES), policy.rules().subList(0, own));
        return json;
    }

    /// Neighbours that differ in the call alone are one entry.
    private static void rules(ArrayNode json, List<SyscallRule> rules) {
        int next = 0;
        while (next < rules.size()) {
            SyscallRule first = rules.get(next);
            ObjectNode entry = json.addObject();
            ArrayNode calls = entry.putArray(SyscallReader.CALLS);
            while (next < rules.size() && isLike(first, rules.get(next))) {
                calls.add(rules.get(next).call().label());
                next++;
            }
            if (!first.tests().isEmpty()) {
                ArrayNode arguments = entry.putArray(SyscallReader.ARGUMENTS);
                first.tests().forEach(test -> argument(arguments.addObject(), test));
            }
            action(entry, SyscallReader.ACTION, first.action());
            if (!first.reason().isEmpty()) {
                entry.put(SyscallReader.REASON, first.reason());
            }
        }
    }

    private static boolean isLike(SyscallRule one, SyscallRule other) {
        return one.tests().equals(other.tests())
                && one.action().equals(other.action())
                && one.reason().equals(other.reason());
    }

    private static void argument(ObjectNode json, ArgumentTest test) {
        json.put(SyscallReader.INDEX, test.index());
        if (test.mask() == INT || test.mask() == -1) {
            json.put(SyscallReader.BITS, test.mask() == INT ? 32 : 64);
        } else {
            json.put(SyscallReader.MASK, hex(test.mask()));
        }
        json.put(SyscallReader.IS, test.relation().symbol());
        json.put(SyscallReader.VALUE, hex(test.value()));
    }

    private static void action(ObjectNode json, String field, SyscallAction action) {
        if (action instanceof SyscallAction.Fail(int errno) && Errno.numbered(errno).isEmpty()) {
            json.put(field, errno);
        } else {
            json.put(field, action.toString());
        }
    }

    private static String hex(long number) {
        return "0x" + Long.toHexString(number);
    }
}
