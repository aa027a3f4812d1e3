package io.cloister.sandbox.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Sandbox;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Set;

class NetworkPolicyTest {

    private static NetworkPolicy of(Sandbox.Builder builder) {
        return builder.spec().network();
    }

    @Test
    void allPortsAreOpenByDefault() {
        NetworkPolicy policy = of(Sandbox.builder());
        assertThat(policy).isEqualTo(NetworkPolicy.allPorts());
        assertThat(policy.tcpBind()).isEmpty();
        assertThat(policy.tcpConnect()).isEmpty();
    }

    @Test
    void whatIsAllowedAddsUpAndClosesTheRestOfItsDirection() {
        NetworkPolicy policy = of(Sandbox.builder().allowTcpBind(2, 1).allowTcpBind(65535));
        assertThat(policy.tcpBind()).contains(Set.of(1, 2, 65535));
        assertThat(policy.tcpBind().orElseThrow()).containsExactly(1, 2, 65535);
        assertThat(policy.tcpConnect()).isEmpty();
    }

    @Test
    void toDenyDropsWhatWasAllowed() {
        assertThat(of(Sandbox.builder().allowTcpBind(1).denyTcpBind().denyTcpConnect()))
                .isEqualTo(NetworkPolicy.noTcp());
        assertThat(of(Sandbox.builder().denyTcpConnect().allowTcpConnect(7)).tcpConnect())
                .contains(Set.of(7));
        assertThat(of(Sandbox.builder().denyTcpConnect().allTcpPorts()))
                .isEqualTo(NetworkPolicy.allPorts());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 65536, Integer.MIN_VALUE})
    void thereAreNoSuchPorts(int port) {
        assertThatThrownBy(() -> Sandbox.builder().allowTcpConnect(port))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("port must be 0 to 65535, was " + port);
    }

    @Test
    void toAllowNothingIsSaidInAnotherWay() {
        assertThatThrownBy(() -> Sandbox.builder().allowTcpBind())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("denyTcpBind()");
        assertThatThrownBy(() -> Sandbox.builder().allowTcpConnect())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("denyTcpConnect()");
    }
}
