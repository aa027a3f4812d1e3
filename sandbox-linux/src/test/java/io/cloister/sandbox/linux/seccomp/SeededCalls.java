package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.syscall.ArgumentTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Calls to ask filters about: with arguments at and beside the values that tests compare with, in
/// both halves, and with numbers in and beside the table.
final class SeededCalls {

    private static final long[] EDGES = {
        0, 1, -1, Integer.MAX_VALUE, 0x80000000L, 0xffffffffL, 0x100000000L, Long.MIN_VALUE
    };

    private final Random random;
    private final CpuArchitecture cpu;

    SeededCalls(Random random, CpuArchitecture cpu) {
        this.random = random;
        this.cpu = cpu;
    }

    /// Calls with this number, about some tests.
    List<SeccompData> about(int number, List<ArgumentTest> tests, int count) {
        List<SeccompData> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long[] arguments = new long[6];
            Arrays.setAll(arguments, _ -> random.nextInt(4) == 0 ? edge() : 0);
            for (ArgumentTest test : tests) {
                if (random.nextInt(4) != 0) {
                    arguments[test.index()] = near(test);
                }
            }
            calls.add(SeccompData.of(cpu, number, arguments));
        }
        return calls;
    }

    private long edge() {
        return EDGES[random.nextInt(EDGES.length)];
    }

    private long near(ArgumentTest test) {
        return switch (random.nextInt(9)) {
            case 0 -> test.value() + 1;
            case 1 -> test.value() - 1;
            case 2 -> test.value() ^ 1L << random.nextInt(64);
            case 3 -> test.value() ^ test.mask() & 1L << random.nextInt(64);
            case 4 -> test.value() | random.nextLong() & ~test.mask();
            case 5 -> test.value() + (1L << 32);
            case 6 -> test.value() - (1L << 32);
            case 7 -> edge();
            default -> test.value();
        };
    }

    /// Calls with every number of the table, numbers beside it, x32 and a foreign architecture.
    List<SeccompData> ofEveryNumber() {
        List<SeccompData> calls = new ArrayList<>();
        for (int number = 0; number < 520; number++) {
            calls.add(SeccompData.of(cpu, number));
        }
        for (int number :
                new int[] {-1, -2, 1 << 20, 0x3fffffff, 0x40000000, 0x40000001, 0x7fffffff}) {
            calls.add(SeccompData.of(cpu, number));
        }
        List<Long> none = List.of(0L, 0L, 0L, 0L, 0L, 0L);
        for (int foreign : new int[] {0x40000003, 0x40000028, 0, -1}) {
            calls.add(new SeccompData(1, foreign, 0, none));
        }
        return calls;
    }
}
