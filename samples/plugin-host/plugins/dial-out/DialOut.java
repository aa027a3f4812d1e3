package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/// Connects to the address that it is told.
@Extension
public class DialOut implements TextFilter {
    @Override
    public String apply(String text) {
        String[] address = text.split(":");
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address[0], Integer.parseInt(address[1])), 1000);
            return "connected";
        } catch (IOException e) {
            return e.toString();
        }
    }
}
