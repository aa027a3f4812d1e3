package io.cloister.sandbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.RootFilesystem;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

class ExtensionTest {
    @TempDir Path directory;

    private Path file(String name, String json) throws Exception {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, json.replace('\'', '"'));
    }

    private SandboxSpec over(String base, String over) throws Exception {
        file("base.json", base);
        return SandboxSpec.read(
                file("over.json", over.replaceFirst("\\{", "{'extends':'base.json',")));
    }

    @Test
    void thePresetStrictIsTheDefault() {
        assertThat(SandboxSpec.fromJson("{\"extends\":\"strict\"}"))
                .isEqualTo(SandboxSpec.strict());
    }

    @ParameterizedTest
    @ValueSource(strings = {"judge", "plugin", "build"})
    void theOtherPresetsHaveTheProfileOfTheirName(String name) {
        SyscallPolicy policy = SyscallProfile.named(name).orElseThrow().policy();
        assertThat(SandboxSpec.fromJson("{\"extends\":\"" + name + "\",\"umask\":\"077\"}"))
                .isEqualTo(Sandbox.builder().syscalls(policy).umask(077).spec());
    }

    @Test
    void rulesAloneStandInFrontOfTheProfileOfTheBase() {
        assertThat(
                        SandboxSpec.fromJson(
                                        """
                                        {"extends": "judge", "syscalls":
                                          {"rules": [{"calls": ["openat"], "action": "EACCES"}]}}
                                        """)
                                .syscalls()
                                .profile())
                .contains(SyscallProfile.JUDGE);
    }

    @Test
    void anotherProfileReplacesRulesOfTheBase() throws Exception {
        SandboxSpec spec =
                over(
                        "{'syscalls':{'otherwise':'EPERM','unknown':'kill','rules':[]}}",
                        "{'syscalls':{'profile':'judge'}}");
        assertThat(spec.syscalls()).isEqualTo(SyscallPolicy.judge());
    }

    @Test
    void objectsAreMergedAndListsReplaced() throws Exception {
        SandboxSpec spec =
                over(
                        "{'limits':{'memory':'1g','pids':7,'bestEffort':['memory']},"
                                + "'mounts':[{'directory':'/a'},{'directory':'/b'}],"
                                + "'privileges':{'capabilities':['CAP_CHOWN']},"
                                + "'environment':{'A':'1','B':'2'}}",
                        "{'limits':{'memory':'256m'},'mounts':[{'directory':'/c'}],"
                                + "'privileges':{'harden':['coreScheduling']},"
                                + "'environment':{'B':'3'}}");
        assertThat(spec.limits().memory()).contains(Bytes.mebibytes(256));
        assertThat(spec.limits().pids()).contains(7L);
        assertThat(spec.limits().isRequired(LimitItem.MEMORY)).isFalse();
        assertThat(spec.filesystem().mounts())
                .singleElement()
                .satisfies(mount -> assertThat(mount.destination()).isEqualTo("/c"));
        assertThat(spec.privileges().capabilities()).hasSize(1);
        assertThat(spec.privileges().hardenings()).hasSize(1);
        assertThat(spec.environment()).isEqualTo(Map.of("A", "1", "B", "3"));
    }

    @Test
    void nullGivesBackTheDefault() throws Exception {
        SandboxSpec spec =
                over(
                        "{'umask':'077','limits':{'pids':7},'environment':{'A':'1','B':'2'}}",
                        "{'umask':null,'limits':{'pids':null},'environment':{'A':null}}");
        assertThat(spec).isEqualTo(Sandbox.builder().onlyEnvironment(Map.of("B", "2")).spec());
    }

    @Test
    void nullIsRefusedWhereNothingIsExtended() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.fromJson("{\"umask\":null}"))
                .withMessageContaining("umask: expected octal text");
    }

    @Test
    void nullIsRefusedInWhatExtendsNothingAlsoWhereItIsExtended() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> over("{'environment':null}", "{'environment':{'A':'1'}}"))
                .withMessage(
                        directory.resolve("base.json")
                                + ":1:16: environment: null takes a field of a base away, and there"
                                + " is none here");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> over("{'limits':{'pids':null}}", "{'limits':{'pids':5}}"))
                .withMessageContaining("base.json:1:19: limits.pids: null takes");
    }

    @Test
    void nullInTheMiddleOfAChainTakesAwayWhatItsBaseSays() throws Exception {
        file("root.json", "{'environment':{'A':'1'}}");
        SandboxSpec spec =
                over("{'extends':'root.json','environment':null}", "{'environment':{'B':'2'}}");
        assertThat(spec.environment()).containsOnlyKeys("PATH", "HOME", "LANG", "B");
    }

    @Test
    void variablesAreAddedToThoseOfTheStrictPolicy() {
        assertThat(
                        SandboxSpec.fromJson(
                                "{\"extends\":\"judge\",\"environment\":{\"LANG\":null,"
                                        + "\"A\":\"1\"}}"))
                .extracting(SandboxSpec::environment)
                .satisfies(all -> assertThat(all).containsOnlyKeys("PATH", "HOME", "A"));
        assertThat(SandboxSpec.fromJson("{\"environment\":{\"A\":\"1\"}}").environment())
                .containsOnlyKeys("A");
    }

    @Test
    void oneKindOfRootReplacesTheOther() throws Exception {
        String image = "{'root':{'directory':'/srv/image','writable':true}}";
        assertThat(over(image, "{'root':{'minimal':true}}").filesystem().root())
                .isEqualTo(new RootFilesystem.MinimalHost());
        assertThat(over(image, "{'root':{'empty':true}}").filesystem().root())
                .isEqualTo(new RootFilesystem.Empty(false));
        assertThat(over(image, "{'root':{'writable':false}}").filesystem().root())
                .isEqualTo(new RootFilesystem.Directory(Path.of("/srv/image"), false));
    }

    @Test
    void theFileIsRelativeToTheOneThatSaysIt() throws Exception {
        file("common/base.json", "{'extends':'../root.json','umask':'027'}");
        file("root.json", "{'hostName':'box'}");
        SandboxSpec spec =
                SandboxSpec.read(file("team/judge.json", "{'extends':'../common/base.json'}"));
        assertThat(spec).isEqualTo(Sandbox.builder().umask(027).hostName("box").spec());
        assertThat(SandboxSpec.fromJson("{\"extends\":\"common/base.json\"}", directory))
                .isEqualTo(spec);
        assertThat(SandboxSpec.fromJson(spec.toJson())).isEqualTo(spec);
        assertThat(spec.toJson()).doesNotContain("extends");
    }

    @Test
    void aMessageNamesTheFileThatSaysIt() throws Exception {
        file("base.json", "{'umask':'022',\n'limits':{'memory':'lots'}}");
        Path over = file("over.json", "{'extends':'base.json','limits':{'pids':1}}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.read(over))
                .withMessageStartingWith(
                        directory.resolve("base.json") + ":2:20: limits.memory: expected a size");
        file("base.json", "{'umask':'022'}");
        file("over.json", "{'extends':'base.json',\n'limits':{'pids':'x'}}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.read(over))
                .withMessageStartingWith(over + ":2:18: limits.pids: expected a whole number");
    }

    @Test
    void aCircleIsRefusedWithItsFiles() throws Exception {
        Path a = file("a.json", "{'extends':'b.json'}");
        Path b = file("b.json", "{'extends':'c.json'}");
        Path c = file("c.json", "{'umask':'022',\n 'extends':'./b.json'}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.read(a))
                .withMessage(
                        c
                                + ":2:12: extends: goes in a circle: "
                                + a.toRealPath()
                                + " extends "
                                + b.toRealPath()
                                + " extends "
                                + c.toRealPath()
                                + " extends "
                                + b.toRealPath());
        Files.writeString(c, "{}");
        assertThat(SandboxSpec.read(a)).isEqualTo(SandboxSpec.strict());
    }

    @Test
    void aChainIsAtMost16FilesLong() throws Exception {
        file("p0.json", "{'umask':'027'}");
        for (int i = 1; i < 17; i++) {
            file("p" + i + ".json", "{'extends':'p" + (i - 1) + ".json'}");
        }
        assertThat(SandboxSpec.read(directory.resolve("p15.json")).umask()).isEqualTo(027);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.read(directory.resolve("p16.json")))
                .withMessageContaining("p1.json:1:12: extends: more than 16 files: ")
                .withMessageEndingWith("p0.json");
    }

    @Test
    void whatIsThereAndCannotBeReachedIsNotCalledMissing() throws Exception {
        Files.createSymbolicLink(directory.resolve("loop.json"), Path.of("loop.json"));
        Path over = file("over.json", "{'extends':'loop.json'}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.read(over))
                .withMessageContaining(
                        "extends: the file "
                                + directory.resolve("loop.json")
                                + " cannot be reached to extend it: ")
                .withMessageContaining("Too many levels of symbolic links");
    }

    @Test
    void whatIsNotThereIsRefusedWithThePresets() throws Exception {
        Path over = file("over.json", "{'extends':'jugde'}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.read(over))
                .withMessage(
                        over
                                + ":1:12: extends: there is no file "
                                + directory.resolve("jugde")
                                + " to extend; the presets are \"strict\", \"judge\", \"plugin\","
                                + " \"build\"; did you mean \"judge\"?");
    }

    @Test
    void aTextExtendsNoFile() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.fromJson("{\"extends\":\"base.json\"}"))
                .withMessageStartingWith(
                        "line 1, column 12: extends: a file can be extended by a file alone, or"
                                + " where a directory is given, was \"base.json\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.fromJson("{\"extends\":[\"strict\"]}"))
                .withMessage("line 1, column 12: extends: expected text, was [\"strict\"]");
    }

    @Test
    void theSchemaIsPassedOver() {
        assertThat(SandboxSpec.fromJson("{\"$schema\":\"policy.schema.json\"}"))
                .isEqualTo(SandboxSpec.strict());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxSpec.fromJson("{\"$schema\":1}"))
                .withMessageContaining("$schema: expected text, was 1");
    }
}
