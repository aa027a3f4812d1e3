package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.program.Errno;
import io.cloister.sandbox.linux.seccomp.ArgumentTest.Comparison;

import java.util.Optional;

/// What a policy means, read off its rules one by one; the compiler has to agree with it.
record PlainFilter(FilterPolicy policy, CpuArchitecture cpu) {

    Action answer(SeccompData call) {
        SyscallTable table = SyscallTable.of(cpu);
        if (call.architecture() != table.auditArchitecture()) {
            return Action.KILL_PROCESS;
        }
        boolean x32 = (call.number() & 0x40000000) != 0 && call.number() != -1;
        if (cpu == CpuArchitecture.X86_64 && x32) {
            return Action.KILL_PROCESS;
        }
        Optional<String> name = table.name(call.number());
        if (name.isEmpty()) {
            return Action.fail(Errno.ENOSYS);
        }
        return policy.rules().stream()
                .filter(rule -> rule.call().equals(name.get()))
                .filter(rule -> rule.tests().stream().allMatch(test -> holds(test, call)))
                .map(Rule::action)
                .findFirst()
                .orElse(policy.otherwise());
    }

    private static boolean holds(ArgumentTest test, SeccompData call) {
        long argument = call.arguments().get(test.index());
        boolean equal = (argument & test.mask()) == test.value();
        return equal == (test.comparison() == Comparison.EQUAL);
    }
}
