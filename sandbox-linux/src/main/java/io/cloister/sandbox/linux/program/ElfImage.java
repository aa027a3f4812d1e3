package io.cloister.sandbox.linux.program;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;

/// The smallest static executable that runs a syscall program: the interpreter, and the program as
/// its initial data. The layout is that of elf(5); there are no sections and no relocations.
///
/// | segment | address | content |
/// |---|---|---|
/// | `PT_LOAD` R-X | [#BASE] | ELF header, program headers, interpreter |
/// | `PT_LOAD` RW- | [Interpreter#DATA] | the caller's data, then zeros |
/// | `PT_GNU_STACK` RW- | | the stack, not executable |
public final class ElfImage {

    /// The address of the first byte of the image.
    public static final int BASE = 0x10000000;

    /// The address of the interpreter's first instruction, on a cache line of its own.
    public static final int ENTRY = BASE + 0x100;

    private static final int ELF_HEADER_SIZE = 64;
    private static final int PROGRAM_HEADER_SIZE = 56;
    private static final int PROGRAM_HEADER_COUNT = 3;

    private static final int ET_EXEC = 2;
    private static final int EV_CURRENT = 1;
    private static final int ELFCLASS64 = 2;
    private static final int ELFDATA2LSB = 1;
    private static final int PT_LOAD = 1;
    private static final int PT_GNU_STACK = 0x6474e551;
    private static final int PF_X = 1;
    private static final int PF_W = 2;
    private static final int PF_R = 4;

    private ElfImage() {}

    /// Builds the file content of an executable for `architecture`.
    ///
    /// @param architecture the CPU that runs the image
    /// @param data what stands at [Interpreter#DATA] at the start: room for the record, the first
    ///   operation at [Interpreter#PROGRAM_START], and whatever else the program reads
    /// @param memorySize the size in bytes of the writable memory at [Interpreter#DATA]; what lies
    ///   behind `data` is zero and takes no space in the file
    /// @return the bytes of the file
    /// @throws IllegalArgumentException if `data` has no room for the record and one operation, or
    ///   `memorySize` is less than the length of `data` or reaches beyond 2 GiB
    public static byte[] build(CpuArchitecture architecture, byte[] data, int memorySize) {
        checkSizes(data.length, memorySize);
        byte[] code = Interpreter.listing(architecture).machineCode();
        int align = architecture.largestPageSize();
        int codeEnd = ENTRY - BASE + code.length;

        // mmap(2) wants the offset in the file and the address to be congruent modulo the page
        // size. The gap before the data is a hole where the file system or memfd keeps holes.
        int dataOffset = align;

        ByteBuffer image = ByteBuffer.allocate(dataOffset + data.length).order(LITTLE_ENDIAN);
        putElfHeader(image, architecture);
        putProgramHeader(image, PT_LOAD, PF_R | PF_X, 0, BASE, codeEnd, codeEnd, align);
        putProgramHeader(
                image,
                PT_LOAD,
                PF_R | PF_W,
                dataOffset,
                Interpreter.DATA,
                data.length,
                memorySize,
                align);
        putProgramHeader(image, PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 16);
        image.put(ENTRY - BASE, code);
        image.put(dataOffset, data);
        return image.array();
    }

    private static void checkSizes(int dataSize, int memorySize) {
        int smallest = Interpreter.RECORD_SIZE + Interpreter.OPERATION_SIZE;
        if (dataSize < smallest) {
            throw new IllegalArgumentException(
                    "data must have at least " + smallest + " bytes, had " + dataSize);
        }
        if (memorySize < dataSize) {
            throw new IllegalArgumentException(
                    "memorySize must be >= " + dataSize + " (the data), was " + memorySize);
        }
        int largest = Integer.MAX_VALUE - Interpreter.DATA;
        if (memorySize > largest) {
            throw new IllegalArgumentException(
                    "memorySize must be <= " + largest + ", was " + memorySize);
        }
    }

    /// ```
    /// typedef struct {
    ///     unsigned char e_ident[16];
    ///     uint16_t e_type, e_machine;
    ///     uint32_t e_version;
    ///     uint64_t e_entry, e_phoff, e_shoff;
    ///     uint32_t e_flags;
    ///     uint16_t e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx;
    /// } Elf64_Ehdr;
    /// ```
    private static void putElfHeader(ByteBuffer image, CpuArchitecture architecture) {
        image.put(new byte[] {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT});
        image.position(16); // the rest of e_ident: ELFOSABI_NONE and padding
        image.putShort((short) ET_EXEC).putShort((short) architecture.elfMachine());
        image.putInt(EV_CURRENT);
        image.putLong(ENTRY).putLong(ELF_HEADER_SIZE).putLong(0);
        image.putInt(0);
        image.putShort((short) ELF_HEADER_SIZE);
        image.putShort((short) PROGRAM_HEADER_SIZE).putShort((short) PROGRAM_HEADER_COUNT);
        image.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    }

    /// ```
    /// typedef struct {
    ///     uint32_t p_type, p_flags;
    ///     uint64_t p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align;
    /// } Elf64_Phdr;
    /// ```
    private static void putProgramHeader(
            ByteBuffer image,
            int type,
            int flags,
            long offset,
            long address,
            long fileSize,
            long memorySize,
            long align) {
        image.putInt(type).putInt(flags);
        image.putLong(offset).putLong(address).putLong(address);
        image.putLong(fileSize).putLong(memorySize).putLong(align);
    }
}
