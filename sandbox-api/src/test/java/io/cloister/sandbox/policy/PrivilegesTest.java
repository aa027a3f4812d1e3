package io.cloister.sandbox.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.IntStream;

class PrivilegesTest {

    @Test
    void theStrictPolicyHasNone() {
        assertThat(SandboxSpec.strict().privileges()).isEqualTo(Privileges.none());
        assertThat(Privileges.none().capabilities()).isEmpty();
        assertThat(Privileges.none().hardenings()).isEmpty();
    }

    @Test
    void callsOfTheBuilderAddUp() {
        SandboxSpec spec =
                Sandbox.builder()
                        .keepCapabilities(Capability.NET_RAW)
                        .harden(Hardening.CORE_SCHEDULING)
                        .keepCapabilities(Capability.CHOWN, Capability.NET_RAW)
                        .harden(Hardening.DENY_WRITE_EXECUTE)
                        .keepCapabilities()
                        .spec();
        assertThat(spec.privileges())
                .isEqualTo(
                        new Privileges(
                                Set.of(Capability.CHOWN, Capability.NET_RAW),
                                Set.of(Hardening.DENY_WRITE_EXECUTE, Hardening.CORE_SCHEDULING)));
        assertThat(spec.toBuilder().spec()).isEqualTo(spec);
    }

    @Test
    void setsAreCopiedAndCannotBeChanged() {
        Set<Capability> mine = EnumSet.of(Capability.KILL);
        Privileges privileges = new Privileges(mine, Set.of());
        mine.add(Capability.SYS_ADMIN);
        assertThat(privileges.capabilities()).containsExactly(Capability.KILL);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> privileges.capabilities().add(Capability.SYS_ADMIN));
    }

    @Test
    void capabilitiesOfTheHostAreNotKept() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Sandbox.builder()
                                .hostUser()
                                .keepCapabilities(Capability.NET_BIND_SERVICE)
                                .spec())
                .withMessage("keepCapabilities(...) and hostUser() exclude each other");
        assertThat(Sandbox.builder().hostUser().harden(Hardening.DENY_WRITE_EXECUTE).spec())
                .isNotNull();
    }

    @Test
    void numbersAreThoseOfTheKernelWithoutGaps() {
        assertThat(Arrays.stream(Capability.values()).map(Capability::number))
                .containsExactlyElementsOf(IntStream.range(0, 41).boxed().toList());
    }

    /// linux/capability.h.
    @ParameterizedTest
    @CsvSource({
        "CHOWN, 0",
        "SETPCAP, 8",
        "NET_BIND_SERVICE, 10",
        "NET_RAW, 13",
        "SYS_CHROOT, 18",
        "SYS_ADMIN, 21",
        "SYS_RESOURCE, 24",
        "SETFCAP, 31",
        "CHECKPOINT_RESTORE, 40"
    })
    void aCapabilityHasTheNumberOfTheHeader(Capability capability, int number) {
        assertThat(capability.number()).isEqualTo(number);
        assertThat(capability.label()).isEqualTo("CAP_" + capability.name());
    }
}
