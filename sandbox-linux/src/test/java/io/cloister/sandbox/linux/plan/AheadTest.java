package io.cloister.sandbox.linux.plan;

import static io.cloister.sandbox.linux.plan.TestHost.ORDINARY;
import static io.cloister.sandbox.linux.plan.TestHost.PRIVILEGED;
import static io.cloister.sandbox.linux.plan.TestHost.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Capability;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;

class AheadTest {

    @Test
    void whoKeepsCapabilitiesHasNothingPrepared() {
        assertThat(most(spec().keepCapabilities(Capability.KILL).spec())).isEqualTo(Ahead.NOTHING);
    }

    @Test
    void networkAndBaseAreMadeAheadOfTheStrictSpecification() {
        assertThat(most(SandboxSpec.strict())).isEqualTo(Ahead.NETWORK_AND_BASE);
    }

    @Test
    void aTreeThatNeedsTheHostsLeavesTheNetwork() {
        assertThat(most(spec().readOnly(Path.of("/srv")).spec())).isEqualTo(Ahead.NETWORK);
        assertThat(most(spec().root(Path.of("/srv")).spec())).isEqualTo(Ahead.NETWORK);
    }

    @Test
    void nothingIsMadeAheadWhereANamespaceThatTheLauncherMakesIsTheHosts() {
        for (Sandbox.Builder builder :
                List.of(spec().hostNet(), spec().hostPid(), spec().hostMount())) {
            assertThat(most(builder.spec())).isEqualTo(Ahead.NOTHING);
        }
    }

    @Test
    void nothingIsMadeAheadForRangesAndForTheHostsUsers() {
        SandboxSpec ranges = spec().mapUids(0, 100_000, 2000).mapGids(0, 100_000, 2000).spec();
        assertThat(most(ranges)).isEqualTo(Ahead.NOTHING);
        LaunchPlan dropped = TestHost.plan(spec().hostUser().spec(), PRIVILEGED);
        assertThat(Ahead.mostFor(dropped)).isEqualTo(Ahead.NOTHING);
    }

    private static Ahead most(SandboxSpec spec) {
        return Ahead.mostFor(TestHost.plan(spec, ORDINARY));
    }
}
