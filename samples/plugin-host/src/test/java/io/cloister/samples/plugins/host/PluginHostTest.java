package io.cloister.samples.plugins.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.samples.plugins.api.PriceRule;
import io.cloister.samples.plugins.api.TextFilter;
import io.cloister.samples.plugins.manifest.Permissions;
import io.cloister.samples.plugins.supervise.Lifecycle;
import io.cloister.samples.plugins.wire.CallException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

@Tag("kernel")
class PluginHostTest {
    @TempDir Path data;
    private final Recorder recorder = new Recorder();
    private PluginHost host;

    @BeforeEach
    void build() throws Exception {
        host = Hosts.builder(data, recorder).build();
    }

    @AfterEach
    void close() {
        host.close();
    }

    @Test
    void aPluginIsCalledAsAJavaInterface() throws Exception {
        TextFilter shout = host.load(Hosts.jar("shout")).extension(TextFilter.class);

        assertThat(shout.apply("hello")).isEqualTo("HELLO");
        assertThat(shout).hasToString("TextFilter at the other end").isEqualTo(shout);
    }

    @Test
    void aPluginCallsTheServiceThatItWasGranted() throws Exception {
        PriceRule rule = host.load(Hosts.jar("discount")).extension(PriceRule.class);
        var nails = new PriceRule.Item("nail", 10, new BigDecimal("0.50"));
        var hammer = new PriceRule.Item("hammer", 1, new BigDecimal("20"));

        assertThat(rule.price(new PriceRule.Basket("USD", List.of(nails, hammer))))
                .isEqualTo(new PriceRule.Price(new BigDecimal("30.63"), "USD"));
        assertThat(recorder.all("discount", PluginEvent.Refused.class)).isEmpty();
    }

    @Test
    void whatAPluginKeepsOutlivesIt() throws Exception {
        try (Plugin diary = host.load(Hosts.jar("diary"))) {
            assertThat(diary.extension(TextFilter.class).apply("Monday")).isEqualTo("Monday\n");
        }
        assertThat(data.resolve("diary/diary.txt")).hasContent("Monday\n");
    }

    @Test
    void whoMayNotKeepFilesFindsNoDirectory() throws Exception {
        try (PluginHost strict = Hosts.builder(data, recorder).most(Permissions.least()).build()) {
            TextFilter diary = strict.load(Hosts.jar("diary")).extension(TextFilter.class);

            assertThatThrownBy(() -> diary.apply("Monday"))
                    .isInstanceOf(CallException.Failed.class)
                    .hasMessageContaining("NoSuchFileException: /data/diary.txt");
        }
        assertThat(recorder.all("diary", PluginEvent.Curtailed.class))
                .containsExactly(
                        new PluginEvent.Curtailed(
                                "diary", List.of("Files none instead of read-write")));
    }

    @Test
    void aPluginIsLoadedOnce() throws Exception {
        host.load(Hosts.jar("shout"));

        assertThatThrownBy(() -> host.load(Hosts.jar("shout")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a plugin shout is loaded already");
    }

    @Test
    void whoWasClosedCanBeLoadedAnew() throws Exception {
        host.load(Hosts.jar("shout")).close();

        TextFilter shout = host.load(Hosts.jar("shout")).extension(TextFilter.class);
        assertThat(shout.apply("x")).isEqualTo("X");
    }

    @Test
    void aClosedHostLoadsNothing() {
        host.close();

        assertThatThrownBy(() -> host.load(Hosts.jar("shout")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the host is closed");
    }

    @Test
    void aJarCannotTakeTheNameOfAnother() throws Exception {
        Path jar = Files.copy(Hosts.jar("diary"), data.resolve("shout.jar"));

        assertThatThrownBy(() -> host.load(jar))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("says that it is diary; name it diary.jar if it is");
        assertThat(data.resolve("diary")).doesNotExist();
    }

    @Test
    void aListenerThatThrowsStopsNothing() throws Exception {
        PluginListener broken =
                event -> {
                    throw new IllegalStateException("on purpose");
                };
        try (PluginHost other = Hosts.builder(data, broken).build()) {
            TextFilter shout = other.load(Hosts.jar("shout")).extension(TextFilter.class);
            assertThat(shout.apply("x")).isEqualTo("X");
        }
    }

    @Test
    void twoServicesOfOneNameAreRefused() throws Exception {
        interface ExchangeRates {}

        assertThatThrownBy(() ->
                        Hosts.builder(data, recorder)
                                .service(ExchangeRates.class, new ExchangeRates() {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two services can't be named ExchangeRates");
    }

    @Test
    void whoIsStoppedSaysSo() throws Exception {
        Plugin shout = host.load(Hosts.jar("shout"));
        TextFilter filter = shout.extension(TextFilter.class);
        filter.apply("x");
        shout.close();

        assertThat(shout.state()).isEqualTo(new Lifecycle.Stopped());
        assertThatThrownBy(() -> filter.apply("x"))
                .isInstanceOf(PluginDownException.class)
                .hasMessage("shout was stopped");
    }

    @Test
    void aCacheIsRecordedAndUsed() throws Exception {
        StartCache cache = new StartCache(Hosts.RUNTIME, data.resolve("cache"));
        assertThat(cache.find()).isEmpty();

        Path file = cache.record(Hosts.jar("discount"));

        assertThat(cache.find()).contains(file);
        try (var left = Files.list(data.resolve("cache"))) {
            assertThat(left).containsExactly(file);
        }
        try (PluginHost faster = Hosts.builder(data, recorder).cache(Optional.of(file)).build()) {
            TextFilter shout = faster.load(Hosts.jar("shout")).extension(TextFilter.class);
            assertThat(shout.apply("x")).isEqualTo("X");
        }
        // A virtual machine that can't use a cache says so: see the next test.
        assertThat(recorder.all("shout", PluginEvent.Wrote.class)).isEmpty();
    }

    @Test
    void withACacheOfAnotherJavaItStartsNevertheless() throws Exception {
        Path file = Files.writeString(data.resolve("other.aot"), "of another Java");
        try (PluginHost slower = Hosts.builder(data, recorder).cache(Optional.of(file)).build()) {
            TextFilter shout = slower.load(Hosts.jar("shout")).extension(TextFilter.class);
            assertThat(shout.apply("x")).isEqualTo("X");
        }
        assertThat(recorder.await("shout", PluginEvent.Wrote.class, 1).line()).contains("aot");
    }
}
