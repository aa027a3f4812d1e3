package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import java.math.BigInteger;
import java.util.Optional;

/// What a policy means, read off its rules one by one; the compiler has to agree with it.
record PlainFilter(SyscallPolicy policy, CpuArchitecture cpu) {

    SyscallAction answer(SeccompData call) {
        SyscallTable table = SyscallTable.of(cpu);
        if (call.architecture() != table.auditArchitecture()) {
            return SyscallAction.KILL;
        }
        boolean x32 = (call.number() & 0x40000000) != 0 && call.number() != -1;
        if (cpu == CpuArchitecture.X86_64 && x32) {
            return SyscallAction.KILL;
        }
        Optional<Syscall> name = table.call(call.number());
        if (name.isEmpty()) {
            return policy.unknown();
        }
        return policy.rules().stream()
                .filter(rule -> rule.call() == name.get())
                .filter(rule -> rule.tests().stream().allMatch(test -> holds(test, call)))
                .map(SyscallRule::action)
                .findFirst()
                .orElse(policy.otherwise());
    }

    /// With numbers that have no sign, as the kernel's manual says it.
    private static boolean holds(ArgumentTest test, SeccompData call) {
        BigInteger argument = unsigned(call.arguments().get(test.index()) & test.mask());
        int order = argument.compareTo(unsigned(test.value()));
        return switch (test.relation()) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case LESS -> order < 0;
            case AT_MOST -> order <= 0;
            case GREATER -> order > 0;
            case AT_LEAST -> order >= 0;
        };
    }

    private static BigInteger unsigned(long number) {
        return new BigInteger(Long.toUnsignedString(number));
    }
}
