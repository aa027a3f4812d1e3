package io.cloister.sandbox.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.HexFormat;
import java.util.OptionalInt;

class SocketAddressTest {

    @ParameterizedTest
    @CsvSource({
        "0200005007f0000100000000, 7.240.0.1:80, 80",
        "0200ffff7f000001, 127.0.0.1:65535, 65535",
        "0a0001bb0000000000000000000000000000000000000001000000, [0:0:0:0:0:0:0:1]:443, 443",
        "0a0001bb0000000000000000000000000000ffffc0000201000000, 192.0.2.1:443, 443",
        "01002f72756e2f7800ff, /run/x, -1",
        "010000616263, @abc, -1",
        "0100, '', -1",
        "2800aabb, family 40, -1",
        "01002f0a, /\\u000a, -1"
    })
    void anAddressIsRead(String bytes, String text, int port) {
        SocketAddress address = SocketAddress.of(HexFormat.of().parseHex(bytes)).orElseThrow();
        assertThat(address.text()).isEqualTo(text);
        assertThat(address.host().isPresent()).isEqualTo(port >= 0);
        assertThat(address.port()).isEqualTo(port < 0 ? OptionalInt.empty() : OptionalInt.of(port));
    }

    @ParameterizedTest
    @CsvSource({"''", "02", "02000050", "0a0001bb00000000"})
    void anAddressThatIsCutOffIsNone(String bytes) {
        assertThat(SocketAddress.of(HexFormat.of().parseHex(bytes))).isEmpty();
    }
}
