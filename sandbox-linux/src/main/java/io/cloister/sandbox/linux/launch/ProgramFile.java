package io.cloister.sandbox.linux.launch;

import static io.cloister.sandbox.linux.program.Linux.F_ADD_SEALS;
import static io.cloister.sandbox.linux.program.Linux.F_SEAL_ALL;
import static io.cloister.sandbox.linux.program.Linux.MFD_ALLOW_SEALING;
import static io.cloister.sandbox.linux.program.Linux.MFD_CLOEXEC;

import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.ffm.Kernel;

/// A program in a sealed memfd, for one that is too long for a message.
record ProgramFile(int descriptor) implements AutoCloseable {

    static ProgramFile of(byte[] bytes) {
        String detail = "program of " + bytes.length + " bytes";
        int fd =
                LaunchErrors.check(
                        SetupStep.START_LAUNCHER,
                        detail,
                        Kernel.memfdCreate("cloister-program", MFD_CLOEXEC | MFD_ALLOW_SEALING));
        ProgramFile file = new ProgramFile(fd);
        try {
            int done = 0;
            while (done < bytes.length) {
                int count = Kernel.write(fd, bytes, done, bytes.length - done);
                done += LaunchErrors.check(SetupStep.START_LAUNCHER, detail, count);
            }
            LaunchErrors.check(
                    SetupStep.START_LAUNCHER, detail, Kernel.fcntl(fd, F_ADD_SEALS, F_SEAL_ALL));
            return file;
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public void close() {
        Kernel.close(descriptor);
    }
}
