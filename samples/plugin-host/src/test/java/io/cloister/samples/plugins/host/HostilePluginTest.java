package io.cloister.samples.plugins.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.plugins.api.TextFilter;
import io.cloister.samples.plugins.supervise.EndCause;
import io.cloister.samples.plugins.supervise.EndCause.Kind;
import io.cloister.samples.plugins.supervise.Lifecycle;
import io.cloister.samples.plugins.wire.CallException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Each hostile plugin beside one that must not notice.
@Tag("kernel")
@Timeout(60)
class HostilePluginTest {
    @TempDir Path data;
    private final Recorder recorder = new Recorder();
    private PluginHost host;
    private Thread neighbour;
    private final AtomicLong slowest = new AtomicLong();
    private final AtomicInteger calls = new AtomicInteger();
    private final CompletableFuture<Throwable> disturbed = new CompletableFuture<>();

    @BeforeEach
    void startNeighbour() throws IOException, InterruptedException {
        host = Hosts.builder(data, recorder).build();
        TextFilter shout = host.load(Hosts.jar("shout")).extension(TextFilter.class);
        neighbour =
                Thread.startVirtualThread(() -> {
                    try {
                        while (true) {
                            long begin = System.nanoTime();
                            assertThat(shout.apply("hello")).isEqualTo("HELLO");
                            // Of the first call the start of the plugin is a part.
                            if (calls.getAndIncrement() > 0) {
                                slowest.accumulateAndGet(System.nanoTime() - begin, Math::max);
                            }
                            Thread.sleep(2);
                        }
                    } catch (InterruptedException | CallException.Cancelled e) {
                        // The test is over.
                    } catch (RuntimeException | AssertionError e) {
                        disturbed.complete(e);
                    }
                });
    }

    @AfterEach
    void theNeighbourHasNotNoticed() throws InterruptedException {
        int before = calls.get();
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (calls.get() == before && !disturbed.isDone() && System.nanoTime() < end) {
            Thread.sleep(1);
        }
        neighbour.interrupt();
        host.close();
        assertThat(disturbed).isNotDone();
        assertThat(calls.get()).isGreaterThan(before);
        // A call takes 0.1 ms; the rest is for a machine that does something else.
        assertThat(Duration.ofNanos(slowest.get())).isLessThan(Duration.ofSeconds(1));
        assertThat(recorder.all("shout", PluginEvent.Started.class)).hasSize(1);
        assertThat(recorder.all("shout", PluginEvent.Ended.class)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "halt,        EXITED,   exit code 7",
        "exit,        EXITED,   exit code 0",
        "segfault,    CRASHED,  died of SIGABRT",
        "heap-leak,   EXITED,   'exit code 3, that of a virtual machine whose memory is full'",
        "native-leak, LIMIT,    MEMORY limit reached",
        "fork,        LIMIT,    PIDS limit reached",
        "thread-bomb, LIMIT,    PIDS limit reached",
        "flood,       LIMIT,    OUTPUT limit reached",
        "garbage,     PROTOCOL, a frame of 1195725856 bytes",
        "oversize,    PROTOCOL, a frame of 2147483647 bytes",
    })
    void itsCallFailsAndItIsRestarted(String name, Kind kind, String text) throws Exception {
        Plugin plugin = host.load(Hosts.jar(name));
        TextFilter filter = plugin.extension(TextFilter.class);

        assertThatThrownBy(() -> filter.apply("x")).isInstanceOf(CallException.class);

        EndCause cause = recorder.await(name, PluginEvent.Ended.class, 1).cause();
        assertThat(cause.text()).startsWith(text);
        assertThat(cause.kind()).isEqualTo(kind);
        recorder.await(name, PluginEvent.Started.class, 2);
        assertThat(plugin.state()).isInstanceOf(Lifecycle.Running.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"spin", "deadlock"})
    void whoHangsMissesItsDeadlineAndIsRestarted(String name) throws Exception {
        Plugin plugin = host.load(Hosts.jar(name));
        TextFilter filter = plugin.extension(TextFilter.class);

        assertThatThrownBy(() -> filter.apply("x")).isInstanceOf(CallException.TimedOut.class);

        assertThat(recorder.await(name, PluginEvent.Ended.class, 1).cause())
                .isEqualTo(
                        new EndCause(
                                Kind.HUNG,
                                "went on with TextFilter.apply, 1000 ms after it was to end"));
        recorder.await(name, PluginEvent.Started.class, 2);
    }

    @Test
    void anInterruptOfTheCallerEndsTheCallAtOnce() throws Exception {
        TextFilter filter = host.load(Hosts.jar("spin")).extension(TextFilter.class);
        recorder.await("spin", PluginEvent.Started.class, 1);
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        Thread caller =
                Thread.startVirtualThread(() -> {
                    try {
                        filter.apply("x");
                    } catch (CallException e) {
                        outcome.complete(e);
                    }
                });
        Thread.sleep(200);
        caller.interrupt();

        assertThat(outcome.get()).isInstanceOf(CallException.Cancelled.class);
        assertThat(recorder.await("spin", PluginEvent.Ended.class, 1).cause().kind())
                .isEqualTo(Kind.HUNG);
    }

    @Test
    void whoAnswersTwiceIsKilledAndItsFirstAnswerIsNoText() throws Exception {
        TextFilter filter = host.load(Hosts.jar("liar")).extension(TextFilter.class);

        assertThatThrownBy(() -> filter.apply("x")).isInstanceOf(CallException.BadReply.class);

        assertThat(recorder.await("liar", PluginEvent.Ended.class, 1).cause())
                .isEqualTo(new EndCause(Kind.PROTOCOL, "a second answer to call 1"));
    }

    @Test
    void anAnswerThatIsTooLongFailsThatCallAlone() throws Exception {
        TextFilter filter = host.load(Hosts.jar("windbag")).extension(TextFilter.class);

        assertThatThrownBy(() -> filter.apply("x"))
                .isInstanceOf(CallException.Failed.class)
                .hasMessageContaining("5000002 bytes");
        assertThat(recorder.all("windbag", PluginEvent.Ended.class)).isEmpty();
    }

    @Test
    void aServiceThatIsNotGrantedIsRefusedAndReported() throws Exception {
        TextFilter filter = host.load(Hosts.jar("burglar")).extension(TextFilter.class);

        assertThatThrownBy(() -> filter.apply("door"))
                .isInstanceOf(CallException.Failed.class)
                .hasMessageNotContaining("the secret");
        assertThat(recorder.await("burglar", PluginEvent.Refused.class, 1).what())
                .isEqualTo("io.cloister.samples.plugins.api.Vault is not offered here");
    }

    @Test
    void filesOfTheHostAreNotThere() throws Exception {
        TextFilter filter = host.load(Hosts.jar("peek")).extension(TextFilter.class);
        Path secret = Files.writeString(data.resolve("secret"), "of the host");
        for (Path file : List.of(secret, Path.of("/etc/passwd"))) {
            // Its twin: outside it can be read.
            assertThat(Files.readString(file)).isNotEmpty();

            assertThat(filter.apply(file.toString()))
                    .isEqualTo("java.nio.file.NoSuchFileException: " + file);
        }
        assertThat(filter.apply("/proc/1/environ")).contains("AccessDeniedException");
        assertThat(filter.apply("/proc/self/status")).contains("Name:\tjava");
    }

    @Test
    void whoEndsUnderManyCallersHasItsOwnCause() throws Exception {
        TextFilter filter = host.load(Hosts.jar("halt")).extension(TextFilter.class);
        recorder.await("halt", PluginEvent.Started.class, 1);
        for (int i = 0; i < 8; i++) {
            Thread.startVirtualThread(() -> {
                try {
                    filter.apply("x".repeat(100_000));
                } catch (CallException e) {
                    // The plugin has ended.
                }
            });
        }
        assertThat(recorder.await("halt", PluginEvent.Ended.class, 1).cause())
                .isEqualTo(new EndCause(Kind.EXITED, "exit code 7"));
    }

    @Test
    void nobodyAnswersOutside() throws Exception {
        TextFilter filter = host.load(Hosts.jar("dial-out")).extension(TextFilter.class);
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            // Its twin: from the host one gets there.
            new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort()).close();

            assertThat(filter.apply("127.0.0.1:" + server.getLocalPort()))
                    .contains("Connection refused");
            assertThat(filter.apply("192.0.2.1:80")).contains("Network is unreachable");
        }
    }

    @Test
    void whoFailsTooOftenIsGivenUp() throws Exception {
        Plugin plugin = host.load(Hosts.jar("halt"));
        TextFilter filter = plugin.extension(TextFilter.class);
        for (int i = 1; i <= 3; i++) {
            recorder.await("halt", PluginEvent.Started.class, i);
            assertThatThrownBy(() -> filter.apply("x")).isInstanceOf(CallException.class);
            recorder.await("halt", PluginEvent.Ended.class, i);
        }
        recorder.await("halt", PluginEvent.GivenUp.class, 1);

        assertThat(recorder.all("halt", PluginEvent.Restarting.class))
                .extracting(PluginEvent.Restarting::failures)
                .containsExactly(1, 2);
        assertThat(recorder.all("halt", PluginEvent.Restarting.class))
                .extracting(event -> event.delay().toMillis())
                .containsExactly(50L, 100L);
        assertThatThrownBy(() -> filter.apply("x"))
                .isInstanceOf(PluginDownException.class)
                .hasMessage("halt was given up after 3 failures; the last: exit code 7");
    }

    @Test
    void aJarWithoutItsClassesIsRestartedAndGivenUp() throws Exception {
        Path jar = data.resolve("empty.jar");
        Files.copy(Hosts.jar("shout"), jar);
        try (var zip = FileSystems.newFileSystem(jar)) {
            Files.delete(zip.getPath("acme/Shout.class"));
            Files.writeString(
                    zip.getPath("META-INF/MANIFEST.MF"),
                    """
                    Manifest-Version: 1.0
                    Plugin-Id: empty
                    Plugin-Version: 1.0.0
                    Plugin-Class: acme.Absent
                    """);
        }
        TextFilter filter = host.load(jar).extension(TextFilter.class);

        recorder.await("empty", PluginEvent.GivenUp.class, 1);
        assertThat(recorder.all("empty", PluginEvent.Started.class)).isEmpty();
        assertThatThrownBy(() -> filter.apply("x"))
                .isInstanceOf(PluginDownException.class)
                .hasMessage("empty was given up after 3 failures; the last: exit code 1");
    }
}
