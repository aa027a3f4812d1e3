package io.cloister.sandbox.linux.launch;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// The JVM's own standard output or error, which is not ours to close.
final class InheritedOutput extends FilterOutputStream {

    private InheritedOutput(OutputStream out) {
        super(out);
    }

    static InheritedOutput of(boolean error) {
        return new InheritedOutput(
                new FileOutputStream(error ? FileDescriptor.err : FileDescriptor.out));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
        flush();
    }
}
