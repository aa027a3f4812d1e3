package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;

/// Writes to the socket what is no message.
@Extension
public class Garbage implements TextFilter {
    @Override
    public String apply(String text) {
        try (FileOutputStream socket = new FileOutputStream(FileDescriptor.in)) {
            socket.write("GET / HTTP/1.1\r\n\r\n".getBytes());
            Thread.sleep(Long.MAX_VALUE);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return text;
    }
}
