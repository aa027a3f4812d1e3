package io.cloister.sandbox.linux.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountTableTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rw|/proc|false",
                "rw,hidepid=off|/proc|false",
                "rw,hidepid=0|/proc|false",
                "rw,hidepid=1|/proc|true",
                "rw,gid=4,hidepid=invisible|/proc|true",
                "rw,hidepid=ptraceable|/proc|true",
                "rw,hidepid=2|/srv/root/proc|false"
            })
    void processesAreHiddenWhereTheMountOfProcSaysSo(String options, String point, boolean hidden) {
        String line = "22 1 0:21 / %s rw,nosuid - proc proc %s\n".formatted(point, options);
        assertThat(MountTable.parse(line).hidesProcesses()).isEqualTo(hidden);
    }
}
