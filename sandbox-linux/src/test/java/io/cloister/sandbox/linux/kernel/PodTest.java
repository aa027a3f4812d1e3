package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;
import static io.cloister.sandbox.linux.kernel.Victims.strict;
import static io.cloister.sandbox.linux.kernel.Victims.victim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Pod;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxProcess;
import io.cloister.sandbox.SandboxSession;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.TimeUnit;

/// Sandboxes of a pod.
@Tag("kernel")
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PodTest {

    private static final String PORT = "7708";

    private static Command shell(String script) {
        return Command.of("/bin/sh", "-c", script);
    }

    private static SandboxProcess serve(Sandbox sandbox) throws Exception {
        SandboxProcess service = sandbox.start(victim("serve4", PORT));
        assertThat(service.getInputStream().read()).isEqualTo('r');
        return service;
    }

    @Test
    void membersTalkAndNobodyElseDoes() throws Exception {
        try (Pod pod = Pod.builder().build();
                Pod other = Pod.builder().build()) {
            SandboxProcess service = serve(pod.sandbox(strict()));
            assertThat(pod.sandbox(strict()).run(victim("connect4", PORT))).exited(0);
            assertThat(other.sandbox(strict()).run(victim("connect4", PORT)))
                    .failedWith(Errno.ECONNREFUSED);
            assertThat(run(strict(), victim("connect4", PORT))).failedWith(Errno.ECONNREFUSED);
            assertThat(Victims.onHost("connect4", PORT)).isEqualTo(Errno.ECONNREFUSED.number());
            assertThat(service.isAlive()).isTrue();
        }
    }

    @Test
    void networkIpcAndNameAreOneAndTheRestIsNot() throws Exception {
        try (Pod pod = Pod.builder().hostName("shop").build()) {
            Sandbox first = pod.sandbox(strict());
            Sandbox second = pod.sandbox(strict());
            // At once: the kernel gives the number of one that is gone to the next.
            try (SandboxSession one = first.open();
                    SandboxSession two = second.open()) {
                for (Namespace namespace : Namespace.values()) {
                    long shared = pod.namespaceIds().get(namespace);
                    switch (namespace) {
                        case NET, IPC, UTS -> {
                            String file = "/proc/self/ns/" + namespace.label();
                            String read = namespace.label() + ":[" + shared + "]\n";
                            assertThat(one.run(Command.of("readlink", file))).printed(read);
                            assertThat(two.run(Command.of("readlink", file))).printed(read);
                        }
                        default ->
                                assertThat(one.namespaceIds().get(namespace))
                                        .as("%s", namespace)
                                        .isNotEqualTo(two.namespaceIds().get(namespace))
                                        .isNotEqualTo(shared);
                    }
                }
            }
            assertThat(first.run(shell("uname -n; cat /etc/hostname"))).printed("shop\nshop\n");
            assertThat(first.run(victim("shm", "4712", "keep"))).exited(0);
            assertThat(second.run(victim("shm", "4712"))).exited(0);
            assertThat(run(strict(), victim("shm", "4712"))).failedWith(Errno.ENOENT);
        }
    }

    @Test
    void aMemberSeesNoProcessOfAnother() throws Exception {
        String token = Host.token();
        try (Pod pod = Pod.builder().build()) {
            Sandbox first = pod.sandbox(strict());
            SandboxProcess there = first.start(victim("keep", token));
            assertThat(there.getInputStream().read()).isPositive();
            Command look = shell("cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
            assertThat(pod.sandbox(strict()).run(look)).text().doesNotContain(token);
            assertThat(there.isAlive()).isTrue();
            assertThat(Host.processesWith(token)).hasSize(1);
        }
        Host.await("end of the member", () -> Host.processesWith(token).isEmpty());
    }

    @Test
    void membersComeAndGo() throws Exception {
        try (Pod pod = Pod.builder().build()) {
            Sandbox first = pod.sandbox(strict());
            SandboxProcess service = serve(first);
            Sandbox second = pod.sandbox(strict());
            first.close();
            assertThat(service.isAlive()).isFalse();
            assertThat(second.run(victim("connect4", PORT))).failedWith(Errno.ECONNREFUSED);
            SandboxProcess again = serve(pod.sandbox(strict()));
            assertThat(second.run(victim("connect4", PORT))).exited(0);
            assertThat(again.isAlive()).isTrue();
        }
    }

    @Test
    void closingEndsAll() throws Exception {
        Pod pod = Pod.builder().build();
        Sandbox member = pod.sandbox(strict());
        SandboxProcess service = serve(member);
        pod.close();
        assertThat(service.onResult().get(30, TimeUnit.SECONDS))
                .satisfies(result -> assertThat(result).cancelled());
        assertThatIllegalStateException().isThrownBy(() -> member.run("/bin/true"));
        assertThatIllegalStateException()
                .isThrownBy(() -> pod.sandbox(strict()))
                .withMessage("the pod is closed");
        pod.close();
    }

    @Test
    void whatExcludesThePodIsRefused() {
        try (Pod pod = Pod.builder().build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pod.sandbox(strict().hostNet()))
                    .withMessageContainingAll("Pod.sandbox(...)", "excludes hostNet()");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> pod.sandbox(strict().hostName("mine")))
                    .withMessageContainingAll("Pod.sandbox(...)", "excludes hostName(...)");
        }
    }
}
