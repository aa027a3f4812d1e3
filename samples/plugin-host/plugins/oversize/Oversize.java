package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;

/// Announces a message of two gigabytes.
@Extension
public class Oversize implements TextFilter {
    @Override
    public String apply(String text) {
        try (DataOutputStream socket =
                new DataOutputStream(new FileOutputStream(FileDescriptor.in))) {
            socket.writeInt(Integer.MAX_VALUE);
            Thread.sleep(Long.MAX_VALUE);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return text;
    }
}
