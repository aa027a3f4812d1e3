package io.cloister.sandbox.linux.program;

/// The interpreter for x86-64. `rbx` is the address of the current operation; everything else is
/// scratch. A system call destroys `rax`, `rcx` and `r11`; see syscall(2) for the registers.
final class InterpreterX86_64 {

    static final Listing LISTING =
            Listing.parse(
                    """
                    bb40000110   | start: mov ebx, 0x10010040          | rbx: the current operation
                    488b7b08     | operation: mov rdi, [rbx+8]         | argument 0
                    488b7310     | mov rsi, [rbx+16]                   | argument 1
                    488b5318     | mov rdx, [rbx+24]                   | argument 2
                    4c8b5320     | mov r10, [rbx+32]                   | argument 3
                    4c8b4328     | mov r8, [rbx+40]                    | argument 4
                    4c8b4b30     | mov r9, [rbx+48]                    | argument 5
                    0fb64b03     | movzx ecx, byte ptr [rbx+3]         | the mask of addresses
                    85c9         | test ecx, ecx                       |
                    742a         | jz select                           | most operations have none
                    d1e9         | shr ecx, 1                          | bit 0
                    7303         | jnc mask1                           |
                    488b3f       | mov rdi, [rdi]                      | load argument 0
                    d1e9         | mask1: shr ecx, 1                   | bit 1
                    7303         | jnc mask2                           |
                    488b36       | mov rsi, [rsi]                      | load argument 1
                    d1e9         | mask2: shr ecx, 1                   | bit 2
                    7303         | jnc mask3                           |
                    488b12       | mov rdx, [rdx]                      | load argument 2
                    d1e9         | mask3: shr ecx, 1                   | bit 3
                    7303         | jnc mask4                           |
                    4d8b12       | mov r10, [r10]                      | load argument 3
                    d1e9         | mask4: shr ecx, 1                   | bit 4
                    7303         | jnc mask5                           |
                    4d8b00       | mov r8, [r8]                        | load argument 4
                    d1e9         | mask5: shr ecx, 1                   | bit 5
                    7303         | jnc select                          |
                    4d8b09       | mov r9, [r9]                        | load argument 5
                    0fb64b02     | select: movzx ecx, byte ptr [rbx+2] | the kind
                    85c9         | test ecx, ecx                       |
                    7537         | jnz other                           | not SYSCALL
                    0fb703       | movzx eax, word ptr [rbx]           | the number
                    0f05         | syscall                             | clobbers rax, rcx, r11 only
                    483d01f0ffff | cmp rax, -4095                      | an error is above, unsigned
                    7310         | jae failed                          |
                    8b4b04       | result: mov ecx, [rbx+4]            | where the result goes
                    85c9         | test ecx, ecx                       |
                    7403         | jz next                             | nowhere
                    488901       | mov [rcx], rax                      | store it
                    4883c340     | next: add rbx, 64                   | the next operation
                    eb91         | jmp operation                       |
                    8b4b38       | failed: mov ecx, [rbx+56]           | the jump of a failed call
                    85c9         | test ecx, ecx                       |
                    74e9         | jz result                           | none: the error is a result
                    ba00000110   | mov edx, 0x10010000                 | the record
                    48891a       | mov [rdx], rbx                      | the operation
                    48894208     | mov [rdx+8], rax                    | the negative errno
                    89cb         | mov ebx, ecx                        | take the jump
                    e977ffffff   | jmp operation                       |
                    83f902       | other: cmp ecx, 2                   | JEQ is 1, JLT 2, ADD 3
                    740f         | je less                             |
                    7714         | ja sum                              |
                    4839f7       | cmp rdi, rsi                        | JEQ
                    75d4         | jne next                            |
                    8b5b38       | jump: mov ebx, [rbx+56]             | take the jump
                    e963ffffff   | jmp operation                       |
                    4839f7       | less: cmp rdi, rsi                  | JLT
                    7cf3         | jl jump                             | signed
                    ebc5         | jmp next                            |
                    488d0437     | sum: lea rax, [rdi+rsi]             | ADD
                    ebb5         | jmp result                          |
                    """);

    private InterpreterX86_64() {}
}
