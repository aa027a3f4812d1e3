package io.cloister.samples.plugins.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.plugins.api.Deadline;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Both ends in one virtual machine, over a real socket.
@Timeout(30)
class ConnectionTest {
    @TempDir Path directory;

    private final BlockingQueue<String> refused = new LinkedBlockingQueue<>();
    private final BlockingQueue<Connection.Unanswered> unanswered = new LinkedBlockingQueue<>();
    private final BlockingQueue<Boolean> blocked = new LinkedBlockingQueue<>();
    private final CompletableFuture<IOException> hostEnd = new CompletableFuture<>();
    private final Slow slow = new Slow();
    private SocketChannel raw;
    private Connection host;
    private Connection plugin;

    interface Echo {
        String echo(String text);

        @Deadline(millis = 100)
        String slow(String text);

        String patient(String text);
    }

    interface Callback {
        String decorate(String text);
    }

    /// Ends when it is interrupted, and says so.
    private final class Slow implements Echo {
        final CountDownLatch interrupted = new CountDownLatch(2);
        final BlockingQueue<String> begun = new LinkedBlockingQueue<>();

        @Override
        public String echo(String text) {
            return switch (text) {
                case "throw" -> throw new IllegalArgumentException("\u001b[31mno");
                case "callback" -> Proxies.of(Callback.class, () -> plugin).decorate("x");
                case "forbidden" -> forbidden();
                case "huge" -> "x".repeat(2_000_000);
                default -> text;
            };
        }

        private String forbidden() {
            Proxies.of(Runnable.class, () -> plugin).run();
            return "";
        }

        @Override
        public String slow(String text) {
            begun.add(text);
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return text;
        }

        @Override
        public String patient(String text) {
            return slow(text);
        }
    }

    @BeforeEach
    void connect() throws IOException {
        var address = UnixDomainSocketAddress.of(directory.resolve("socket"));
        SocketChannel mine;
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            mine = SocketChannel.open(address);
            raw = server.accept();
        }
        Services hostServices = new Services(refused::add);
        hostServices.add(
                Callback.class,
                (Callback) text -> text.equals("block") ? block() : "<" + text + ">");
        host = new Connection(mine, hostServices, unanswered::add);
        Thread.startVirtualThread(() -> serve(host, hostEnd));
    }

    private Echo echo() throws IOException {
        Services services = new Services(_ -> {});
        services.add(Echo.class, slow);
        plugin = new Connection(raw, services, _ -> {});
        Thread.startVirtualThread(() -> serve(plugin, new CompletableFuture<>()));
        return Proxies.of(Echo.class, () -> host);
    }

    private static void serve(Connection connection, CompletableFuture<IOException> end) {
        try {
            connection.serve();
            end.complete(new IOException("regular"));
        } catch (IOException e) {
            end.complete(e);
        }
    }

    @AfterEach
    void close() throws IOException {
        host.close();
        raw.close();
    }

    @Test
    void callsGoThereAndBackManyAtATime() throws Exception {
        Echo echo = echo();
        List<Thread> threads = new ArrayList<>();
        BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        for (int i = 0; i < 200; i++) {
            String text = "text " + i;
            threads.add(
                    Thread.startVirtualThread(() -> {
                        for (int j = 0; j < 20; j++) {
                            answers.add(String.valueOf(echo.echo(text).equals(text)));
                        }
                    }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(answers).hasSize(4000).containsOnly("true");
    }

    @Test
    void aCallMayCallBack() throws Exception {
        assertThat(echo().echo("callback")).isEqualTo("<x>");
        assertThat(refused).isEmpty();
    }

    @Test
    void whatIsNotGrantedIsRefusedAndReported() throws Exception {
        Echo echo = echo();

        assertThatThrownBy(() -> echo.echo("forbidden"))
                .isInstanceOf(CallException.Failed.class)
                .hasMessageContaining("java.lang.Runnable is not offered here");
        assertThat(refused).containsExactly("java.lang.Runnable is not offered here");
    }

    @Test
    void anExceptionComesAsText() throws Exception {
        Echo echo = echo();

        assertThatThrownBy(() -> echo.echo("throw"))
                .isInstanceOf(CallException.Failed.class)
                .hasMessage("Echo.echo failed: java.lang.IllegalArgumentException: \\u001b[31mno");
        assertThatThrownBy(() -> echo.echo("huge"))
                .isInstanceOf(CallException.Failed.class)
                .hasMessageContaining("may have 1048576");
        assertThat(echo.echo("goes on")).isEqualTo("goes on");
    }

    @Test
    void atTheDeadlineTheCallIsCancelledThereToo() throws Exception {
        Echo echo = echo();

        assertThatThrownBy(() -> echo.slow("x"))
                .isInstanceOf(CallException.TimedOut.class)
                .hasMessage("Echo.slow was not answered within 100 ms");
        Connection.Unanswered call = unanswered.take();
        call.end().get(5, TimeUnit.SECONDS);
        assertThat(slow.interrupted.getCount()).isEqualTo(1);
        assertThat(echo.echo("goes on")).isEqualTo("goes on");
    }

    @Test
    void anInterruptCancelsTheCallThereAndLeavesTheConnection() throws Exception {
        Echo echo = echo();
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        Thread caller =
                Thread.startVirtualThread(() -> {
                    try {
                        echo.patient("x");
                    } catch (CallException e) {
                        outcome.complete(Thread.currentThread().isInterrupted() ? e : null);
                    }
                });
        slow.begun.take();
        caller.interrupt();

        assertThat(outcome.get()).isInstanceOf(CallException.Cancelled.class);
        unanswered.take().end().get(5, TimeUnit.SECONDS);
        assertThat(slow.interrupted.getCount()).isEqualTo(1);
        assertThat(echo.echo("goes on")).isEqualTo("goes on");
    }

    @Test
    void aThreadThatIsInterruptedBeforeItCallsDoesNotCloseTheConnection() throws Exception {
        Echo echo = echo();
        Thread caller =
                Thread.startVirtualThread(() -> {
                    Thread.currentThread().interrupt();
                    assertThatThrownBy(() -> echo.echo("x"))
                            .isInstanceOf(CallException.Cancelled.class);
                });
        caller.join();
        assertThat(echo.echo("goes on")).isEqualTo("goes on");
    }

    @Test
    void garbageEndsTheConnectionAndWhatWaits() throws Exception {
        CompletableFuture<Throwable> call = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                Proxies.of(Echo.class, () -> host).echo("x");
            } catch (CallException e) {
                call.complete(e);
            }
        });
        raw.read(ByteBuffer.allocate(4));
        raw.write(ByteBuffer.wrap("HTTP/1.1 200 OK\r\n\r\n".getBytes()));

        assertThat(call.get()).isInstanceOf(CallException.Lost.class);
        assertThat(hostEnd.get()).isInstanceOf(ProtocolException.class);
    }

    @Test
    void aCallThatCannotBeReadEndsTheConnection() throws Exception {
        raw.write(new Frame(Frame.Kind.CALL, 1, "[1]".getBytes()).encode());

        assertThat(hostEnd.get())
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("VALUE_NUMBER_INT in the place of VALUE_STRING");
    }

    @Test
    void anAnswerOfTheWrongTypeFailsThatCall() throws Exception {
        Thread.startVirtualThread(() -> answer("{\"class\":\"java.lang.Runtime\"}"));

        assertThatThrownBy(() -> Proxies.of(Echo.class, () -> host).echo("x"))
                .isInstanceOf(CallException.BadReply.class);
    }

    @Test
    void anAnswerThatIsNestedTooDeeplyFailsThatCall() throws Exception {
        Thread.startVirtualThread(() -> answer("[".repeat(500_000)));

        assertThatThrownBy(() -> Proxies.of(Echo.class, () -> host).echo("x"))
                .isInstanceOf(CallException.BadReply.class);
    }

    private void answer(String body) {
        try {
            raw.read(ByteBuffer.allocate(1000));
            ByteBuffer frame = new Frame(Frame.Kind.REPLY, 1, body.getBytes()).encode();
            while (frame.hasRemaining()) {
                raw.write(frame);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anEndThatDoesNotReadEndsTheConnection() throws Exception {
        String large = "x".repeat(1_000_000);

        // Its deadline is as long as the patience.
        assertThatThrownBy(() -> Proxies.of(Echo.class, () -> host).echo(large))
                .isInstanceOf(CallException.class);
        assertThat(hostEnd.get())
                .isInstanceOf(ProtocolException.class)
                .hasMessage("a message was not read within 2 s");
    }

    @Test
    void moreCallsAtOnceThanAnHonestEndMakesEndTheConnection() throws Exception {
        callBack(1, RunningCalls.MOST);
        awaitBlocked(RunningCalls.MOST);
        assertThat(hostEnd).isNotDone();

        callBack(RunningCalls.MOST + 1, RunningCalls.MOST + 1);
        assertThat(hostEnd.get())
                .isInstanceOf(ProtocolException.class)
                .hasMessage("more than 128 calls, or 16 MiB of calls, at once");
    }

    @Test
    void aSecondCallWithTheSameIdEndsTheConnection() throws Exception {
        callBack(1, 1);
        awaitBlocked(1);
        callBack(1, 1);
        assertThat(hostEnd.get()).hasMessage("a second call with id 1");
    }

    private void callBack(int from, int to) throws IOException {
        String call = "[\"%s\",\"decorate\",[\"block\"]]".formatted(Callback.class.getName());
        for (int id = from; id <= to; id++) {
            raw.write(new Frame(Frame.Kind.CALL, id, call.getBytes()).encode());
        }
    }

    private void awaitBlocked(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            blocked.take();
        }
    }

    /// Until its connection ends.
    private String block() {
        blocked.add(true);
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return "";
    }

    @Test
    void aPingIsAnsweredThoughAllTurnsAreTaken() throws Exception {
        Echo echo = echo();
        for (int i = 0; i < RunningCalls.TURNS; i++) {
            Thread.startVirtualThread(() -> {
                try {
                    echo.patient("x");
                } catch (CallException e) {
                    // The test is over.
                }
            });
        }
        for (int i = 0; i < RunningCalls.TURNS; i++) {
            slow.begun.take();
        }

        host.ping(Duration.ofSeconds(5));
        assertThatThrownBy(() -> echo.slow("x")).isInstanceOf(CallException.TimedOut.class);
        assertThat(slow.begun).as("what waited for its turn was not called").isEmpty();
    }

    @Test
    void pingsWhoseAnswersNobodyReadsEndTheConnection() throws Exception {
        raw.configureBlocking(false);
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!hostEnd.isDone()) {
            assertThat(System.nanoTime()).isLessThan(end);
            ByteBuffer ping = Frame.of(Frame.Kind.PING, 1).encode();
            try {
                while (ping.hasRemaining() && !hostEnd.isDone()) {
                    raw.write(ping);
                }
            } catch (IOException e) {
                // It has ended.
            }
        }
        assertThat(hostEnd.get())
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("messages of");
    }

    @Test
    void whoReadsInDropsMakesNobodyWaitLongerThanItsDeadline() throws Exception {
        Echo echo = Proxies.of(Echo.class, () -> host);
        CompletableFuture<Throwable> large = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                echo.echo("x".repeat(1_000_000));
            } catch (CallException e) {
                large.complete(e);
            }
        });
        Thread.startVirtualThread(() -> {
            try {
                while (raw.read(ByteBuffer.allocate(1000)) >= 0) {
                    Thread.sleep(50);
                }
            } catch (IOException | InterruptedException e) {
                // The test is over.
            }
        });
        Thread.sleep(200);
        long begin = System.nanoTime();

        assertThatThrownBy(() -> echo.slow("x")).isInstanceOf(CallException.TimedOut.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(1));
        assertThat(large.get()).isInstanceOf(CallException.class);
        assertThat(hostEnd.get()).isInstanceOf(ProtocolException.class);
    }

    @Test
    void argumentsThatAreTooLongTakeNobodysTurn() throws Exception {
        Echo echo = echo();
        String large = "x".repeat(Frame.LONGEST_BODY);
        for (int i = 0; i <= RunningCalls.TURNS; i++) {
            assertThatThrownBy(() -> echo.echo(large))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at most 1048576 bytes");
        }
        assertThat(echo.echo("goes on")).isEqualTo("goes on");
    }

    @Test
    void largeCallsAreFewerAtATime() throws Exception {
        Echo echo = echo();
        String large = "x".repeat(1_000_000);
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < RunningCalls.TURNS; i++) {
            CompletableFuture<String> answer = new CompletableFuture<>();
            answers.add(answer);
            Thread.startVirtualThread(() -> answer.complete(echo.echo(large)));
        }
        for (CompletableFuture<String> answer : answers) {
            assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(large);
        }
    }

    @Test
    void nullIsNoText() throws Exception {
        Thread.startVirtualThread(() -> answer("null"));

        assertThatThrownBy(() -> Proxies.of(Echo.class, () -> host).echo("x"))
                .isInstanceOf(CallException.BadReply.class);
    }

    @Test
    void aPingIsAnswered() throws Exception {
        echo();
        host.ping(Duration.ofSeconds(5));
        plugin.ping(Duration.ofSeconds(5));
    }
}
