package io.cloister.sandbox.linux.files;

import io.cloister.sandbox.SandboxPath;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/// Names as system calls take them: text in which each character stands for one byte.
final class Names {

    private Names() {}

    static String of(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    static String of(SandboxPath path) {
        return of(path.bytes());
    }

    static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// A text of a path of the host as the kernel gets it.
    static String ofHost(String path) {
        return of(path.getBytes(StandardCharsets.UTF_8));
    }

    /// A name that nothing has yet, most likely. Whoever uses it makes sure of that.
    static String fresh(String prefix) {
        return prefix + Long.toHexString(ThreadLocalRandom.current().nextLong());
    }
}
