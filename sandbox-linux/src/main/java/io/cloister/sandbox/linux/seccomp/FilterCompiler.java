package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.seccomp.BpfInstruction.Opcode;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Compiles a policy into the filter of one CPU.
///
/// What the filter does, in order:
///
/// 1. A call of another architecture (32-bit entry points) kills the process: its numbers mean
///    other calls.
/// 2. A number above the table is unknown; but on x86-64, one with the bit of the x32 ABI kills the
///    process.
/// 3. A balanced binary tree of comparisons finds the range that the number lies in. Neighbours
///    with the same action are one range.
/// 4. The rules of the call are tried in their order.
///
/// Arguments are read only in step 4, so for a call without tests of arguments the answer depends
/// on architecture and number alone. The kernel runs the filter for every number when it is
/// installed, and never again for those that it finds always allowed (since Linux 5.11).
public final class FilterCompiler {

    /// `__X32_SYSCALL_BIT`, set in the numbers of the x32 ABI.
    private static final int X32_BIT = 0x40000000;

    /// The number that a ptrace(2) tracer sets to have a call skipped. It holds the x32 bit, is no
    /// call of any ABI, and must not kill a program under a debugger.
    private static final int SKIPPED = -1;

    private final BpfAssembler code = new BpfAssembler();
    private final SyscallPolicy policy;
    private final CpuArchitecture cpu;
    private final SyscallTable table;
    private final List<SyscallRule> ticket;
    private final boolean notified;

    private FilterCompiler(SyscallPolicy policy, CpuArchitecture cpu, Options options) {
        this.policy = policy;
        this.cpu = cpu;
        this.table = SyscallTable.of(cpu);
        this.ticket = options.ticket().map(Ticket::rules).orElse(List.of());
        this.notified = options.notified();
    }

    /// What a filter needs besides the policy.
    ///
    /// @param ticket by which the sandbox's own calls are known; empty: it makes none
    /// @param notified whether [SyscallAction#KILL] is brought about by a notification
    public record Options(Optional<Ticket> ticket, boolean notified) {
        /// No ticket, and the kernel kills.
        public static final Options NONE = new Options(Optional.empty(), false);
    }

    /// {@return the filter of `policy` on `cpu`}
    ///
    /// A rule on a call that this CPU does not have is left out.
    ///
    /// @throws IllegalArgumentException if the filter has more than 4096 instructions
    public static BpfProgram compile(SyscallPolicy policy, CpuArchitecture cpu, Options options) {
        return new FilterCompiler(policy, cpu, options).compile();
    }

    /// One way a call can be decided: if all tests hold, the answer.
    private record Case(List<ArgumentTest> tests, int answer) {}

    /// How a call is decided: the first case that holds, else `last`.
    private record Decision(List<Case> cases, int last) {

        /// Whether both are the same action, whatever the arguments.
        boolean isLike(Decision other) {
            boolean constant = cases.isEmpty() && other.cases.isEmpty();
            return constant && last == other.last;
        }
    }

    /// Numbers from `first` up to the next range, all decided alike.
    private record Range(int first, Decision decision) {}

    private BpfProgram compile() {
        List<Range> ranges = ranges();
        int inTable = tree(ranges, 0, ranges.size());
        int number = code.compare(Opcode.AT_LEAST, table.limit(), aboveTable(), inTable);
        int ours = code.load(SeccompData.NUMBER_OFFSET, number);
        int foreign = code.end(FilterAnswer.KILL_PROCESS);
        int architecture = code.compare(Opcode.EQUAL, table.auditArchitecture(), ours, foreign);
        return code.program(code.load(SeccompData.ARCHITECTURE_OFFSET, architecture));
    }

    private int aboveTable() {
        int unknown = code.end(answer(policy.unknown()));
        if (cpu != CpuArchitecture.X86_64) {
            return unknown;
        }
        int killed = code.end(FilterAnswer.KILL_PROCESS);
        int x32 = code.compare(Opcode.EQUAL, SKIPPED, unknown, killed);
        return code.compare(Opcode.ANY_BIT, X32_BIT, x32, unknown);
    }

    private List<Range> ranges() {
        Map<Syscall, List<SyscallRule>> rules = new EnumMap<>(Syscall.class);
        for (SyscallRule rule : policy.rules()) {
            rules.computeIfAbsent(rule.call(), _ -> new ArrayList<>()).add(rule);
        }
        List<Range> ranges = new ArrayList<>();
        for (int number = 0; number < table.limit(); number++) {
            Optional<Syscall> call = table.call(number);
            Decision decision =
                    call.isPresent()
                            ? ticketed(call.get(), rules.getOrDefault(call.get(), List.of()))
                            : new Decision(List.of(), answer(policy.unknown()));
            if (ranges.isEmpty() || !ranges.getLast().decision().isLike(decision)) {
                ranges.add(new Range(number, decision));
            }
        }
        return ranges;
    }

    private int answer(SyscallAction action) {
        return FilterAnswer.of(action, notified);
    }

    /// The sandbox's own calls pass before any rule. Where the call is open anyway nothing is
    /// added, so that the kernel can see that it always is.
    private Decision ticketed(Syscall call, List<SyscallRule> rules) {
        Decision decision = decision(rules);
        boolean open = decision.cases().isEmpty() && decision.last() == FilterAnswer.ALLOW;
        List<Case> cases = new ArrayList<>();
        for (SyscallRule rule : open ? List.<SyscallRule>of() : ticket) {
            if (rule.call() == call) {
                cases.add(new Case(rule.tests(), FilterAnswer.ALLOW));
            }
        }
        cases.addAll(decision.cases());
        return new Decision(cases, decision.last());
    }

    private Decision decision(List<SyscallRule> rules) {
        List<Case> cases = new ArrayList<>();
        for (SyscallRule rule : rules) {
            if (rule.tests().isEmpty()) {
                return new Decision(cases, answer(rule.action()));
            }
            cases.add(new Case(rule.tests(), answer(rule.action())));
        }
        return new Decision(cases, answer(policy.otherwise()));
    }

    /// The ranges `from` up to `to`. The right half is placed first, so that the left half follows
    /// the comparison.
    private int tree(List<Range> ranges, int from, int to) {
        if (to - from == 1) {
            return leaf(ranges.get(from).decision());
        }
        int middle = (from + to) >>> 1;
        int right = tree(ranges, middle, to);
        int left = tree(ranges, from, middle);
        return code.compare(Opcode.AT_LEAST, ranges.get(middle).first(), right, left);
    }

    private int leaf(Decision decision) {
        int next = code.end(decision.last());
        for (Case one : decision.cases().reversed()) {
            int hit = code.end(one.answer());
            for (ArgumentTest test : one.tests().reversed()) {
                hit = test(test, hit, next);
            }
            next = hit;
        }
        return next;
    }

    private int test(ArgumentTest test, int hit, int miss) {
        return switch (test.relation()) {
            case EQUAL -> equal(test, hit, miss);
            case NOT_EQUAL -> equal(test, miss, hit);
            case LESS -> ordered(test, Opcode.AT_LEAST, miss, hit);
            case AT_LEAST -> ordered(test, Opcode.AT_LEAST, hit, miss);
            case GREATER -> ordered(test, Opcode.ABOVE, hit, miss);
            case AT_MOST -> ordered(test, Opcode.ABOVE, miss, hit);
        };
    }

    private int equal(ArgumentTest test, int same, int different) {
        int low =
                word(
                        SeccompData.lowWordOffset(test.index()),
                        (int) test.mask(),
                        (int) test.value(),
                        same,
                        different);
        return word(
                SeccompData.highWordOffset(test.index()),
                (int) (test.mask() >>> 32),
                (int) (test.value() >>> 32),
                low,
                different);
    }

    /// One half of an argument; of an `int`, the upper half has no mask and is not read.
    private int word(int offset, int mask, int value, int same, int different) {
        if (mask == 0) {
            return same;
        }
        if (value == 0) {
            return code.load(offset, code.compare(Opcode.ANY_BIT, mask, different, same));
        }
        return load(offset, mask, code.compare(Opcode.EQUAL, value, same, different));
    }

    /// The upper half decides where it differs, and the lower half where it does not.
    private int ordered(ArgumentTest test, Opcode comparison, int above, int below) {
        int lowMask = (int) test.mask();
        int highMask = (int) (test.mask() >>> 32);
        int lowValue = (int) test.value();
        int highValue = (int) (test.value() >>> 32);
        int low =
                load(
                        SeccompData.lowWordOffset(test.index()),
                        lowMask,
                        code.compare(comparison, lowValue, above, below));
        if (highMask == 0) {
            return low;
        }
        int same = code.compare(Opcode.EQUAL, highValue, low, below);
        return load(
                SeccompData.highWordOffset(test.index()),
                highMask,
                code.compare(Opcode.ABOVE, highValue, above, same));
    }

    /// Loads the bits of `mask`, and goes on at `next`.
    private int load(int offset, int mask, int next) {
        return code.load(offset, mask == -1 ? next : code.and(mask, next));
    }
}
