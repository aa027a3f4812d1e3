package io.cloister.sandbox.learn;

import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.ArgumentTest.Relation;
import io.cloister.sandbox.syscall.Syscall;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// An argument that says which of many things a call does: the command of an `ioctl`, the family of
/// a `socket`. It is recorded, and the learned policy holds the program to it. Sizes, addresses and
/// descriptors differ from run to run, and are not.
///
/// @param index which argument
/// @param mask the bits that count: the lower half of what the kernel takes as an `int`
record ArgumentOfInterest(int index, long mask) {

    private static final long INT = 0xffffffffL;

    /// `SOCK_TYPE_MASK`: what remains are flags of the descriptor.
    private static final long SOCKET_TYPE = 0xf;

    private static final Map<Syscall, List<ArgumentOfInterest>> OF_CALLS = ofCalls();

    private static Map<Syscall, List<ArgumentOfInterest>> ofCalls() {
        Map<Syscall, List<ArgumentOfInterest>> calls = new EnumMap<>(Syscall.class);
        for (Syscall call :
                List.of(
                        Syscall.PRCTL,
                        Syscall.ARCH_PRCTL,
                        Syscall.CLONE,
                        Syscall.UNSHARE,
                        Syscall.PERSONALITY,
                        Syscall.KEYCTL,
                        Syscall.BPF,
                        Syscall.PTRACE,
                        Syscall.SECCOMP)) {
            calls.put(call, List.of(new ArgumentOfInterest(0, INT)));
        }
        for (Syscall call : List.of(Syscall.IOCTL, Syscall.FCNTL)) {
            calls.put(call, List.of(new ArgumentOfInterest(1, INT)));
        }
        // PROT_EXEC tells whether a program makes code at run time.
        for (Syscall call : List.of(Syscall.MMAP, Syscall.MPROTECT)) {
            calls.put(call, List.of(new ArgumentOfInterest(2, INT)));
        }
        for (Syscall call : List.of(Syscall.SOCKET, Syscall.SOCKETPAIR)) {
            calls.put(
                    call,
                    List.of(
                            new ArgumentOfInterest(0, INT),
                            new ArgumentOfInterest(1, SOCKET_TYPE),
                            new ArgumentOfInterest(2, INT)));
        }
        return calls;
    }

    /// Those of `call`; none if it matters only that it is made.
    static List<ArgumentOfInterest> of(Syscall call) {
        return OF_CALLS.getOrDefault(call, List.of());
    }

    /// Whether what this argument was tells how `test` came out.
    boolean covers(ArgumentTest test) {
        return test.index() == index && (test.mask() & ~mask) == 0;
    }

    /// The test that this argument is what was seen.
    ///
    /// @param value the register
    ArgumentTest is(long value) {
        return new ArgumentTest(index, mask, Relation.EQUAL, value & mask);
    }
}
