package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;

/// Answers with what is no text, and then once more.
@Extension
public class Liar implements TextFilter {
    private static final int REPLY = 2;

    /// The ids of calls are easy to guess: 1, 2, 3.
    private long id;

    @Override
    public String apply(String text) {
        byte[] body = "[{\"class\":\"java.lang.Runtime\"}]".getBytes();
        try {
            DataOutputStream socket = new DataOutputStream(new FileOutputStream(FileDescriptor.in));
            socket.writeInt(1 + 8 + body.length);
            socket.writeByte(REPLY);
            socket.writeLong(++id);
            socket.write(body);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return text;
    }
}
