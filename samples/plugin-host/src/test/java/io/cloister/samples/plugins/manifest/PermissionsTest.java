package io.cloister.samples.plugins.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Bytes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Map;
import java.util.Set;

class PermissionsTest {
    @Test
    void whoAsksForNothingGetsLittle() {
        assertThat(Permissions.of(Map.of()))
                .isEqualTo(
                        new Permissions(
                                Bytes.mebibytes(128),
                                1,
                                64,
                                Permissions.Files.NONE,
                                Set.of(),
                                Set.of(),
                                Bytes.kibibytes(256)));
    }

    @Test
    void allCanBeAskedFor() {
        assertThat(
                        Permissions.of(
                                Map.of(
                                        "Memory", "96m",
                                        "Cpus", "0.5",
                                        "Processes", "40",
                                        "Files", "read-only",
                                        "Services", "ExchangeRates, Vault",
                                        "Environment", "LANG TZ",
                                        "Output", "1m",
                                        "Network", "none")))
                .isEqualTo(
                        new Permissions(
                                Bytes.mebibytes(96),
                                0.5,
                                40,
                                Permissions.Files.READ_ONLY,
                                Set.of("ExchangeRates", "Vault"),
                                Set.of("LANG", "TZ"),
                                Bytes.mebibytes(1)));
    }

    @ParameterizedTest
    @CsvSource({"Memroy, Memory", "memory, Memory", "Proceses, Processes", "Filez, Files"})
    void aMisspeltNameIsRefusedWithTheRightOne(String name, String meant) {
        assertThatThrownBy(() -> Permissions.of(Map.of(name, "1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "unknown permission \"%s\"; did you mean \"%s\"? known are", name, meant);
    }

    @Test
    void whatIsCloseToNothingIsRefusedWithAll() {
        assertThatThrownBy(() -> Permissions.of(Map.of("Kernel\u001b", "yes")))
                .hasMessage(
                        "unknown permission \"Kernel\\u001b\"; known are Cpus, Environment, Files,"
                                + " Memory, Network, Output, Processes, Services");
    }

    @ParameterizedTest
    @CsvSource({
        "Memory, 1k, at least 64m",
        "Memory, lots, lots",
        "Cpus, 0, 0.05 to 1000",
        "Cpus, NaN, 0.05 to 1000",
        "Processes, 3, at least 32",
        "Files, read-wirte, did you mean \"read-write\"?",
        "Network, host, none",
        "Output, 0, more than 0"
    })
    void aValueOutOfItsBoundsIsRefused(String name, String value, String why) {
        assertThatThrownBy(() -> Permissions.of(Map.of(name, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("permission " + name)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Memory",
                "Cpus",
                "Processes",
                "Files",
                "Services",
                "Environment",
                "Output",
                "Network"
            })
    void noValueMovesATerminal(String name) {
        String hostile = "\u001b[2J" + "x".repeat(10_000);

        assertThatThrownBy(() -> Permissions.of(Map.of(name, hostile)))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .startsWith("permission " + name)
                .contains("\\u001b[2J")
                .doesNotContain("\u001b")
                .hasSizeLessThan(1000);
    }

    @Test
    void theAdministratorCapsAndDenies() {
        Permissions most =
                Permissions.of(
                        Map.of("Services", "ExchangeRates", "Files", "read-only", "Memory", "96m"));
        Permissions asked =
                Permissions.of(
                        Map.of(
                                "Services", "ExchangeRates Vault",
                                "Files", "read-write",
                                "Memory", "1g",
                                "Cpus", "0.5"));

        Grant grant = Grant.of(asked, most);

        assertThat(grant.permissions())
                .isEqualTo(
                        Permissions.of(
                                Map.of(
                                        "Services", "ExchangeRates",
                                        "Files", "read-only",
                                        "Memory", "96m",
                                        "Cpus", "0.5")));
        assertThat(grant.cuts())
                .containsExactly(
                        "Memory 96 MiB instead of 1 GiB",
                        "Files read-only instead of read-write",
                        "Services without Vault");
        assertThat(Grant.of(most, most)).isEqualTo(new Grant(most, List.of()));
    }
}
