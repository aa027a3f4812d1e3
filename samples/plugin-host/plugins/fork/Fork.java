package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

import java.io.IOException;

/// Starts one process after the other.
@Extension
public class Fork implements TextFilter {
    @Override
    public String apply(String text) {
        try {
            new ProcessBuilder("/bin/sh", "-c", "true").start();
        } catch (IOException e) {
            System.out.println("no shell: " + e.getMessage());
        }
        // The one program that it has.
        String java = System.getProperty("java.home") + "/bin/java";
        try {
            while (true) {
                new ProcessBuilder(java, "-Xmx8m", "-Xint", "-version").start();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
