package io.cloister.samples.judge.work;

import org.springframework.stereotype.Component;

import java.net.InetAddress;
import java.net.UnknownHostException;

/// What this JVM is called among the workers of a database: by its host and process.
@Component
public final class WorkerName {
    private final String value = host() + "-" + ProcessHandle.current().pid();

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // A host need not know its own name.
            return "worker";
        }
    }

    /// {@return the name}
    public String value() {
        return value;
    }
}
