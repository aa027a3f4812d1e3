package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.linux.program.LaunchCompiler;
import io.cloister.sandbox.linux.program.SyscallProgram;
import io.cloister.sandbox.linux.program.ZygoteProgram;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Sends programs to a zygote.
final class Transmission {

    /// A longer program is passed in a memfd: it would fill the socket.
    static final int INLINE = 28 * 1024;

    private Transmission() {}

    /// Sends a whole program; see [#send(Zygote, byte\[\], CpuArchitecture, int, List)].
    static boolean send(Zygote zygote, SyscallProgram program, List<Integer> descriptors) {
        return send(zygote, program.encode(), program.cpu(), program.base(), descriptors);
    }

    /// Sends the bytes of a program, which must stand at [ZygoteProgram#MAPPED] if it is long.
    ///
    /// @param base where it stands
    ///
    /// @param descriptors the descriptors of the launch, which stay the caller's
    /// @return false if the zygote has ended
    static boolean send(
            Zygote zygote,
            byte[] program,
            CpuArchitecture cpu,
            int base,
            List<Integer> descriptors) {
        if (base == ZygoteProgram.REQUEST) {
            return zygote.send(program, descriptors);
        }
        try (ProgramFile file = ProgramFile.of(program)) {
            List<Integer> all = new ArrayList<>(descriptors);
            all.add(file.descriptor());
            int number = LaunchCompiler.FIRST_PASSED + descriptors.size();
            byte[] header = Arrays.copyOf(program, ZygoteProgram.HEADER_SIZE);
            SyscallProgram mapping = ZygoteProgram.mapped(cpu, header, number, program.length);
            return zygote.send(mapping.encode(), all);
        }
    }
}
