package io.cloister.sandbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.SandboxSpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class SpecJsonErrorTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'limits':{'memory':'lots'}}|limits.memory: expected a size such as '256m', was"
                        + " 'lots'",
                "{'limits':{'memory':true}}|limits.memory: expected a size such as '256m', was"
                        + " true",
                "{'limits':{'memory':-1}}|limits.memory: a size must be >= 0 bytes, was -1",
                "{'limits':{'memory':'0'}}|limits.memory: memory must be > 0, was 0 B",
                "{'limits':{'wallTime':'soon'}}|limits.wallTime: expected a duration such as"
                        + " '500ms', '2s' or '1m', was 'soon'",
                "{'limits':{'wallTime':5}}|limits.wallTime: expected a duration such as '2s',"
                        + " was 5",
                "{'limits':{'pids':1.5}}|limits.pids: expected a whole number, was 1.5",
                "{'limits':{'pids':99999999999999999999}}|limits.pids: expected a whole number,"
                        + " was 99999999999999999999",
                "{'limits':{'cpus':'1'}}|limits.cpus: expected a number, was '1'",
                "{'limits':{'cpus':1e999}}|limits.cpus: cpus must be 0.01 to 10000, was Infinity",
                "{'limits':{'cpuWeight':2147483648}}|limits.cpuWeight: expected a whole number up"
                        + " to 2147483647, was 2147483648",
                "{'limits':{'cpuWeight':0}}|limits.cpuWeight: cpuWeight must be 1 to 10000, was 0",
                "{'limits':{'cpuset':'x'}}|limits.cpuset: cpuset must be a list such as '0-1,3',"
                        + " was 'x'",
                "{'limits':{'cpus':'unlimited'}}|limits.cpus: expected a number, was 'unlimited'",
                "{'limits':{'memoryHigh':'unlimited'}}|limits.memoryHigh: expected a size such as"
                        + " '256m', was 'unlimited'",
                "{'limits':{'io':{}}}|limits.io: expected an array, was {}",
                "{'limits':{'io':[{'readPerSecond':1}]}}|limits.io[0]: field 'device' must be"
                        + " given",
                "{'limits':{'io':[{'device':'/dev/sda'}]}}|limits.io[0]: io of /dev/sda must have"
                        + " at least one rate",
                "{'limits':{'io':[{'device':'/a','readPerSecond':1},{'device':'/a',"
                        + "'readPerSecond':2}]}}|limits.io[1]: has the device of an earlier one:"
                        + " /a",
                "{'limits':{'hugePages':{'3m':'9m'}}}|limits.hugePages.3m: page size of hugePages"
                        + " must be a power of two, was 3 MiB",
                "{'limits':{'hugePages':{'big':'9m'}}}|limits.hugePages.big: expected a size such"
                        + " as '256m', was 'big'",
                "{'limits':{'hugePages':{'2m':'4m','2048k':'8m'}}}|limits.hugePages.2048k: has the"
                        + " page size of an earlier one: 2 MiB",
                "{'limits':{'bestEffort':['wallTime']}}|limits.bestEffort[0]: expected one of"
                        + " 'memory', 'memoryHigh', 'swap', 'pids', 'cpus', 'cpuBurst',"
                        + " 'cpuWeight', 'cpuset', 'memoryNodes', 'io', 'ioWeight', 'hugePages',"
                        + " 'cpuTime' or 'idleTime', was 'wallTime'",
                "{'limits':{'bestEffort':['memoryhigh']}}|limits.bestEffort[0]: expected one of"
                        + " 'memory', 'memoryHigh', 'swap', 'pids', 'cpus', 'cpuBurst',"
                        + " 'cpuWeight', 'cpuset', 'memoryNodes', 'io', 'ioWeight', 'hugePages',"
                        + " 'cpuTime' or 'idleTime', was 'memoryhigh'; did you mean 'memoryHigh'?",
                "{'limits':{'bestEffort':'all'}}|limits.bestEffort: expected an array, was 'all'",
                "{'limits':{'cpus':1,'cpuBurst':'101ms'}}|limits: cpuBurst must be <= 100ms, the"
                        + " time that cpus 1.0 gives in 100ms, was 101ms",
                "{'limits':{'rlimits':{'files':'1'}}}|limits.rlimits.files: unknown name; known"
                        + " here: cpu, fsize, data, stack, core, rss, nproc, nofile, memlock, as,"
                        + " locks, sigpending, msgqueue, nice, rtprio, rttime",
                "{'limits':{'rlimits':{'core':'x'}}}|limits.rlimits.core: expected limits such as"
                        + " '1024:4096' or 'unlimited', was 'x'",
                "{'limits':{'rlimits':{'core':5}}}|limits.rlimits.core: expected text, was 5",
                "{'limits':[]}|limits: expected an object, was []",
                "{'limits':null}|limits: expected an object, was null",
                "[]|expected an object, was []",
                "{'namespaces':{'net':'none'}}|namespaces.net: expected 'new' or 'host', was"
                        + " 'none'",
                "{'namespaces':{'network':'new'}}|namespaces.network: unknown name; known here:"
                        + " mount, pid, net, ipc, uts, user, cgroup, time",
                "{'root':{}}|root: expected either 'minimal', 'empty' or 'directory', was {}",
                "{'root':{'empty':true,'minimal':true}}|root: expected either 'minimal', 'empty' or"
                        + " 'directory', was {'empty':true,'minimal':true}",
                "{'root':{'empty':true,'writable':true}}|root: expected {'empty':true}, with"
                        + " 'devices' or without, was {'empty':true,'writable':true}",
                "{'root':{'directory':'/a','devices':true}}|root: expected 'devices' with 'empty'"
                        + " alone: a directory always has them, was"
                        + " {'directory':'/a','devices':true}",
                "{'root':{'minimal':false}}|root: expected {'minimal':true} alone, was"
                        + " {'minimal':false}",
                "{'root':{'directory':'img'}}|root.directory: a path of the host must be absolute,"
                        + " was 'img'",
                "{'mounts':{}}|mounts: expected an array, was {}",
                "{'mounts':[{'symlink':'/a','target':'b'},{'bind':'x','to':'/x'}]}|mounts[1].bind:"
                        + " a path of the host must be absolute, was 'x'",
                "{'mounts':[{'tmpfs':'/t'}]}|mounts[0]: field 'size' must be given",
                "{'mounts':[{'tmpfs':'t','size':'1m'}]}|mounts[0]: destination must be absolute,"
                        + " was 't'",
                "{'mounts':[{'tmpfs':'/t','size':'1m','mode':'99'}]}|mounts[0].mode: expected octal"
                        + " text such as '0755', was '99'",
                "{'mounts':[{'directory':'/d'},{'directory':'/d'}]}|mounts[1]: mount #1 has the"
                        + " destination of an earlier one: /d",
                "{'mounts':[{'descriptor':3}]}|mounts[0]: field 'to' must be given",
                "{'mounts':[{'bind':'/a','size':'1m'}]}|mounts[0].size: unknown field; known here:"
                        + " bind, to, writable, optional, executable, devices, followSymlinks",
                "{'mounts':[{}]}|mounts[0]: expected one of the fields bind, descriptor, tmpfs,"
                        + " file, symlink, directory, terminals, has []",
                "{'mounts':[{'bind':'/a','tmpfs':'/a'}]}|mounts[0]: expected one of the fields"
                    + " bind, descriptor, tmpfs, file, symlink, directory, terminals, has [bind,"
                    + " tmpfs]",
                "{'proc':{'view':'half'}}|proc.view: expected one of 'full',"
                        + " 'processesOnly' or 'absent', was 'half'",
                "{'proc':{'masked':['/etc']}}|proc: a path of proc must lie below /proc, was"
                        + " '/etc'",
                "{'user':{'uid':-1}}|user.uid: expected an id from 0 to 2147483647, was -1",
                "{'user':{'uidMap':[{'inside':0,'outside':0,'count':1}]}}|user.uidMap[0]: outside"
                        + " must be 1 to 4294967294, was 0",
                "{'user':{'uidMap':[{'inside':0,'outside':5,'count':1}]}}|user: uid must lie within"
                        + " uidMap, was 1000 with [0 -> 5 (1)]",
                "{'clockOffsets':{'realtime':'1h'}}|clockOffsets.realtime: unknown name; known"
                        + " here: monotonic, boottime",
                "{'umask':22}|umask: expected octal text such as '0755', was 22",
                "{'hostName':7}|hostName: expected text, was 7",
                "{'hostName':'a b'}|hostName must be 1 to 64 letters, digits, '.', '_' or '-', was"
                        + " 'a b'",
                "{'namespaces':{'uts':'host'},'hostName':'a'}|hostName(...) and hostUts() exclude"
                        + " each other",
                "{'memory':'1m'}|memory: unknown field; known here: $schema, extends, namespaces,"
                    + " root, scratch, mounts, proc, user, hostName, domainName, clockOffsets,"
                    + " umask, environment, workDirectory, limits, syscalls, privileges, network,"
                    + " isolation",
                "{'privileges':{'capabilities':'CAP_CHOWN'}}|privileges.capabilities: expected an"
                        + " array, was 'CAP_CHOWN'",
                "{'privileges':{'capabilities':[7]}}|privileges.capabilities[0]: expected text, was"
                        + " 7",
                "{'privileges':{'harden':['denyWriteExecute','more']}}|privileges.harden[1]:"
                        + " expected one of 'denyWriteExecute', 'mitigateSpeculation' or"
                        + " 'coreScheduling', was 'more'",
                "{'privileges':{'keep':[]}}|privileges.keep: unknown field; known here:"
                        + " capabilities, harden",
                "{'namespaces':{'user':'host'},'privileges':{'capabilities':['CAP_CHOWN']}}"
                        + "|keepCapabilities(...) and hostUser() exclude each other",
                "{'isolation':'none'}|isolation: expected one of 'namespaces',"
                        + " 'namespacesOrConfined' or 'confined', was 'none'",
                "{'isolation':7}|isolation: expected text, was 7",
                "{'isolation':'confined','hostName':'a'}|hostName(...) and confined() exclude each"
                        + " other",
                "{'isolation':'namespacesOrConfined','namespaces':{'net':'host'}}|hostNet() and"
                        + " confinedIfNeeded() exclude each other"
            })
    void theMessageNamesThePlaceTheExpectationAndTheValue(String json, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.fromJson(json.replace('\'', '"')))
                .satisfies(e -> {
                    String said = e.getMessage().replace('"', '\'');
                    assertThat(said).matches("(?s)line 1, column [0-9]+: .*");
                    assertThat(said.replaceFirst("line 1, column [0-9]+: ", "")).isEqualTo(message);
                });
    }

    @Test
    void aCapabilityGoesByTheNameOfTheKernel() {
        for (String name : new String[] {"CAP_CHOWNED", "CHOWN", "cap_chown"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            SandboxSpec.fromJson(
                                    "{\"privileges\":{\"capabilities\":[\"%s\"]}}".formatted(name)))
                    .withMessageStartingWith(
                            "line 1, column 32: privileges.capabilities[0]: expected one of"
                                    + " \"CAP_CHOWN\", \"CAP_DAC_OVERRIDE\",");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{} {}", "{\"umask\":\"022\",\"umask\":\"0\"}", "{'a':1}"})
    void refusesWhatIsNotOneJsonValueWithDistinctFields(String json) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.fromJson(json))
                .withMessageMatching(
                        "(?s)line 1, column \\d+: (not JSON: |umask: given twice; first at).*");
    }

    @Test
    void whatIsTooMuchForTheParserHasItsPlace() {
        for (String json :
                List.of(
                        "[".repeat(1200),
                        "{\"limits\":{\"pids\":" + "1".repeat(2000) + "}}",
                        "{\"limits\":{\"cpus\":1." + "1".repeat(2000) + "}}",
                        "{\"" + "a".repeat(60_000) + "\":1}")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SandboxSpec.fromJson(json))
                    .withMessageMatching("(?s)line 1, column [0-9]+: too much: .*");
        }
    }

    @Test
    void neverShowsTheEnvironmentOrTheContentsOfFiles() {
        for (String json :
                new String[] {
                    "{\"environment\":[\"TOKEN=secret\"]}",
                    "{\"environment\":\"secret\"}",
                    "{\"environment\":{\"TOKEN\":[\"secret\"]}}",
                    "{\"environment\":{\"TOKEN\":\"secret\\u0000\"}}",
                    "{\"mounts\":[{\"text\":\"secret\"}]}",
                    "{\"mounts\":[{\"file\":\"/a\",\"text\":[\"secret\"]}]}",
                    "{\"mounts\":[{\"file\":\"/a\",\"base64\":[\"secret\"]}]}",
                    "{\"mounts\":[{\"file\":\"a\",\"text\":\"secret\"}]}",
                    "{\"mounts\":[{\"file\":\"/a\",\"text\":\"secret\\ud800\"}]}",
                    "{\"mounts\":[{\"file\":\"/a\",\"text\":\"secret\",\"base64\":\"\"}]}"
                }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SandboxSpec.fromJson(json))
                    .withMessageNotContaining("secret");
        }
    }

    @Test
    void longValuesAreCutInMessages() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> SandboxSpec.fromJson("{\"hostName\":[\"" + "x".repeat(500) + "\"]}"))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(140).endsWith("..."));
    }
}
