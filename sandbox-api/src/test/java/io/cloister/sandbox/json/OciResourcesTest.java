package io.cloister.sandbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.oci.OciConfig;
import io.cloister.sandbox.policy.ResourceLimits;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;

class OciResourcesTest {
    private static final ResourceLimits STRICT = SandboxSpec.strict().limits();

    private static OciConfig read(String linux) {
        String json =
                "{'ociVersion':'1.2.0','root':{'path':'rootfs'},'process':{'args':['x'],"
                        + "'cwd':'/'},'linux':{%s}}";
        return OciConfig.fromJson(json.formatted(linux).replace('\'', '"'), Path.of("/bundle"));
    }

    private static OciConfig resources(String resources) {
        return read("'resources':{" + resources + "}");
    }

    @Test
    void zeroIsAsIfItWasNotGivenAndThatIsSaid() {
        OciConfig config =
                resources(
                        "'pids':{'limit':0},'memory':{'limit':0,'swap':0},'blockIO':{"
                                + "'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':0}],"
                                + "'throttleWriteBpsDevice':[{'major':8,'minor':0,'rate':7}]}");
        ResourceLimits limits = config.spec().limits();
        assertThat(limits.pids()).isEqualTo(STRICT.pids()).isPresent();
        assertThat(limits.memory()).isEqualTo(STRICT.memory()).isPresent();
        assertThat(limits.swap()).isEqualTo(STRICT.swap());
        assertThat(limits.io())
                .singleElement()
                .satisfies(io -> {
                    assertThat(io.readPerSecond()).isEmpty();
                    assertThat(io.writePerSecond()).contains(Bytes.of(7));
                });
        assertThat(config.notHonoured())
                .contains(
                        "linux.resources.pids.limit: 0 is taken as not given; -1 is no limit",
                        "linux.resources.memory.limit: 0 is taken as not given; -1 is no limit",
                        "linux.resources.memory.swap: 0 is taken as not given; -1 is no limit",
                        "linux.resources.blockIO.throttleReadBpsDevice[0].rate: 0 is taken as not"
                                + " given, so it is not limited");
    }

    @Test
    void minusOneLiftsALimit() {
        OciConfig config = resources("'pids':{'limit':-1},'memory':{'limit':-1,'swap':-1}");
        ResourceLimits limits = config.spec().limits();
        assertThat(limits.pids()).isEmpty();
        assertThat(limits.memory()).isEmpty();
        assertThat(limits.swap()).isEmpty();
        assertThat(config.notHonoured()).noneMatch(note -> note.contains("resources"));
    }

    @ParameterizedTest
    @CsvSource({"1000000000", "-1", "4294967296"})
    void nanosecondsAreLessThanASecond(String nanos) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        read(
                                "'timeOffsets':{'boottime':{'secs':9223372036854775807,'nanosecs':"
                                        + nanos
                                        + "}}"))
                .withMessageEndingWith(
                        "linux.timeOffsets.boottime.nanosecs: expected a whole number from 0 to"
                                + " 999999999, was "
                                + nanos);
    }

    @Test
    void anOffsetThatTheKernelDoesNotTakeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        read(
                                "'timeOffsets':{'boottime':{'secs':9223372036854775807,'nanosecs':"
                                        + "999999999}}"))
                .withMessageContaining("linux.timeOffsets.boottime: offset of clock boottime");
        assertThat(read("'timeOffsets':{'boottime':{'secs':5,'nanosecs':999999999}}").spec())
                .satisfies(spec ->
                        assertThat(spec.clockOffsets().values().toString())
                                .isEqualTo("[PT5.999999999S]"));
    }
}
