package io.cloister.sandbox.linux.program;

/// The interpreter for aarch64. `x19` is the address of the current operation and `x20` that of the
/// record; everything else is scratch. A system call destroys `x0`; see syscall(2) for the
/// registers.
final class InterpreterAarch64 {

    static final Listing LISTING =
            Listing.parse(
                    """
                    3400a252 | start: mov w20, #0x10010000      | x20: the record
                    93020191 | add x19, x20, #64                | x19: the current operation
                    608640a9 | operation: ldp x0, x1, [x19, #8] | arguments 0 and 1
                    628e41a9 | ldp x2, x3, [x19, #24]           | arguments 2 and 3
                    649642a9 | ldp x4, x5, [x19, #40]           | arguments 4 and 5
                    690e4039 | ldrb w9, [x19, #3]               | the mask of addresses
                    a9010034 | cbz w9, select                   | most operations have none
                    49000036 | tbz w9, #0, mask1                | bit 0
                    000040f9 | ldr x0, [x0]                     | load argument 0
                    49000836 | mask1: tbz w9, #1, mask2         | bit 1
                    210040f9 | ldr x1, [x1]                     | load argument 1
                    49001036 | mask2: tbz w9, #2, mask3         | bit 2
                    420040f9 | ldr x2, [x2]                     | load argument 2
                    49001836 | mask3: tbz w9, #3, mask4         | bit 3
                    630040f9 | ldr x3, [x3]                     | load argument 3
                    49002036 | mask4: tbz w9, #4, mask5         | bit 4
                    840040f9 | ldr x4, [x4]                     | load argument 4
                    49002836 | mask5: tbz w9, #5, select        | bit 5
                    a50040f9 | ldr x5, [x5]                     | load argument 5
                    690a4039 | select: ldrb w9, [x19, #2]       | the kind
                    e9010035 | cbnz w9, other                   | not SYSCALL
                    68024079 | ldrh w8, [x19]                   | the number
                    010000d4 | svc #0                           | clobbers x0 only
                    1ffc3fb1 | cmn x0, #4095                    | an error carries
                    c2000054 | b.hs failed                      |
                    690640b9 | result: ldr w9, [x19, #4]        | where the result goes
                    49000034 | cbz w9, next                     | nowhere
                    200100f9 | str x0, [x9]                     | store it
                    73020191 | next: add x19, x19, #64          | the next operation
                    e5ffff17 | b operation                      |
                    693a40b9 | failed: ldr w9, [x19, #56]       | the jump of a failed call
                    49ffff34 | cbz w9, result                   | none: the error is a result
                    930200a9 | stp x19, x0, [x20]               | the operation, the negative errno
                    f303092a | mov w19, w9                      | take the jump
                    e0ffff17 | b operation                      |
                    3f090071 | other: cmp w9, #2                | JEQ is 1, JLT 2, ADD 3
                    c0000054 | b.eq less                        |
                    08010054 | b.hi sum                         |
                    1f0001eb | cmp x0, x1                       | JEQ
                    a1feff54 | b.ne next                        |
                    733a40b9 | jump: ldr w19, [x19, #56]        | take the jump
                    d9ffff17 | b operation                      |
                    1f0001eb | less: cmp x0, x1                 | JLT
                    abffff54 | b.lt jump                        | signed
                    f0ffff17 | b next                           |
                    0000018b | sum: add x0, x0, x1              | ADD
                    ebffff17 | b result                         |
                    """);

    private InterpreterAarch64() {}
}
