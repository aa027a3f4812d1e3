package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.program.Errno;
import io.cloister.sandbox.linux.seccomp.ArgumentTest.Comparison;
import io.cloister.sandbox.linux.seccomp.BpfInstruction.Opcode;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Compiles a policy into the filter of one CPU.
///
/// What the filter does, in order:
///
/// 1. A call of another architecture (32-bit entry points) kills the process: its numbers mean
///    other calls.
/// 2. A number above the table fails with `ENOSYS`; but on x86-64, one with the bit of the x32 ABI
///    kills the process.
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

    private static final Action UNKNOWN = Action.fail(Errno.ENOSYS);

    private final BpfAssembler code = new BpfAssembler();
    private final FilterPolicy policy;
    private final CpuArchitecture cpu;
    private final SyscallTable table;

    private FilterCompiler(FilterPolicy policy, CpuArchitecture cpu) {
        this.policy = policy;
        this.cpu = cpu;
        this.table = SyscallTable.of(cpu);
    }

    /// {@return the filter of `policy` on `cpu`}
    ///
    /// A rule on a call that this CPU does not have is left out.
    ///
    /// @throws IllegalArgumentException if the filter has more than 4096 instructions
    public static BpfProgram compile(FilterPolicy policy, CpuArchitecture cpu) {
        return new FilterCompiler(policy, cpu).compile();
    }

    /// One way a call can be decided: if all tests hold, the action.
    private record Case(List<ArgumentTest> tests, Action action) {}

    /// How a call is decided: the first case that holds, else `last`.
    private record Decision(List<Case> cases, Action last) {

        /// Whether both are the same action, whatever the arguments.
        boolean isLike(Decision other) {
            boolean constant = cases.isEmpty() && other.cases.isEmpty();
            return constant && last.value() == other.last.value();
        }
    }

    /// Numbers from `first` up to the next range, all decided alike.
    private record Range(int first, Decision decision) {}

    private BpfProgram compile() {
        List<Range> ranges = ranges();
        int inTable = tree(ranges, 0, ranges.size());
        int number = code.compare(Opcode.AT_LEAST, table.limit(), aboveTable(), inTable);
        int ours = code.load(SeccompData.NUMBER_OFFSET, number);
        int foreign = code.end(Action.KILL_PROCESS);
        int architecture = code.compare(Opcode.EQUAL, table.auditArchitecture(), ours, foreign);
        return code.program(code.load(SeccompData.ARCHITECTURE_OFFSET, architecture));
    }

    private int aboveTable() {
        int unknown = code.end(UNKNOWN);
        if (cpu != CpuArchitecture.X86_64) {
            return unknown;
        }
        int killed = code.end(Action.KILL_PROCESS);
        int x32 = code.compare(Opcode.EQUAL, SKIPPED, unknown, killed);
        return code.compare(Opcode.ANY_BIT, X32_BIT, x32, unknown);
    }

    private List<Range> ranges() {
        Map<String, List<Rule>> rules = new HashMap<>();
        for (Rule rule : policy.rules()) {
            rules.putIfAbsent(rule.call(), new ArrayList<>());
            rules.get(rule.call()).add(rule);
        }
        List<Range> ranges = new ArrayList<>();
        for (int number = 0; number < table.limit(); number++) {
            Optional<String> name = table.name(number);
            Decision decision =
                    name.isPresent()
                            ? decision(rules.getOrDefault(name.get(), List.of()))
                            : new Decision(List.of(), UNKNOWN);
            if (ranges.isEmpty() || !ranges.getLast().decision().isLike(decision)) {
                ranges.add(new Range(number, decision));
            }
        }
        return ranges;
    }

    private Decision decision(List<Rule> rules) {
        List<Case> cases = new ArrayList<>();
        for (Rule rule : rules) {
            if (rule.tests().isEmpty()) {
                return new Decision(cases, rule.action());
            }
            cases.add(new Case(rule.tests(), rule.action()));
        }
        return new Decision(cases, policy.otherwise());
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
            int hit = code.end(one.action());
            for (ArgumentTest test : one.tests().reversed()) {
                hit = test(test, hit, next);
            }
            next = hit;
        }
        return next;
    }

    private int test(ArgumentTest test, int hit, int miss) {
        boolean equal = test.comparison() == Comparison.EQUAL;
        int same = equal ? hit : miss;
        int different = equal ? miss : hit;
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
        int compared = code.compare(Opcode.EQUAL, value, same, different);
        return code.load(offset, mask == -1 ? compared : code.and(mask, compared));
    }
}
