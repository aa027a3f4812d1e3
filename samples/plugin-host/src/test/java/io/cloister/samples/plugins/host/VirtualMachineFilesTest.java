package io.cloister.samples.plugins.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;

class VirtualMachineFilesTest {
    @Test
    void theLibrariesAreThoseOutsideOfTheJdk() {
        String maps =
                """
                7f0000000000-7f0000001000 r-xp 00000000 08:01 1  /jdk/lib/server/libjvm.so
                7f0000002000-7f0000003000 r--p 00000000 08:01 2  /usr/lib/x86_64-linux-gnu/libc.so.6
                7f0000003000-7f0000004000 r-xp 00001000 08:01 2  /usr/lib/x86_64-linux-gnu/libc.so.6
                7f0000004000-7f0000005000 rw-p 00000000 00:00 0
                7f0000005000-7f0000006000 r--p 00000000 08:01 3  /usr/lib/locale/C.utf8/LC_CTYPE
                7f0000006000-7f0000007000 r--s 00000000 08:01 4  /srv/secret/libapp.so
                7f0000007000-7f0000008000 r-xp 00000000 08:01 5  /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
                7ffc00000000-7ffc00001000 rw-p 00000000 00:00 0  [stack]
                """;

        assertThat(VirtualMachineFiles.mapped(maps, Path.of("/jdk")))
                .containsExactly(
                        Path.of("/usr/lib/x86_64-linux-gnu/libc.so.6"),
                        Path.of("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"));
    }
}
