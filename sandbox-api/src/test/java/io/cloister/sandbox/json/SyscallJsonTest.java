package io.cloister.sandbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.ArgumentTest.Relation;
import io.cloister.sandbox.syscall.FilterFlag;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallGroup;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallProfile;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

class SyscallJsonTest {

    private static final SyscallAction EPERM = SyscallAction.fail(Errno.EPERM);

    @ParameterizedTest
    @EnumSource
    void aProfileIsItsName(SyscallProfile profile) {
        assertThat(profile.policy().toJson()).isEqualTo("\"" + profile.label() + "\"");
        assertThat(SyscallPolicy.fromJson("\"" + profile.label() + "\""))
                .isEqualTo(profile.policy());
    }

    @Test
    void aGroupStandsForItsCalls() {
        SyscallPolicy policy =
                SyscallPolicy.fromJson(
                        """
                        {"otherwise":"EPERM","rules":[{"calls":["@signal","read"],"action":"allow"}]}
                        """);
        assertThat(policy.rules())
                .extracting(SyscallRule::call)
                .containsAll(SyscallGroup.named("@signal").orElseThrow().calls())
                .contains(Syscall.READ)
                .hasSize(SyscallGroup.named("@signal").orElseThrow().calls().size() + 1);
    }

    @Test
    void aProfileWithRulesInFrontIsItsNameAndTheRules() {
        SyscallPolicy policy =
                SyscallPolicy.standard()
                        .first(
                                List.of(
                                        SyscallRule.of(Syscall.PTRACE, EPERM, "no debuggers"),
                                        SyscallRule.of(
                                                Syscall.PROCESS_VM_READV, EPERM, "no debuggers")))
                        .flags(Set.of(FilterFlag.LOG));

        assertThat(policy.toJson().replaceAll("\\s", ""))
                .isEqualTo(
                        """
                        {"profile":"standard",
                        "flags":["SECCOMP_FILTER_FLAG_LOG"],
                        "rules":[{"calls":["ptrace","process_vm_readv"],"action":"EPERM",
                        "reason":"nodebuggers"}]}\
                        """
                                .replaceAll("\\s", ""));
        assertThat(SyscallPolicy.fromJson(policy.toJson())).isEqualTo(policy);
    }

    @Test
    void aRuleIsWrittenForReaders() {
        SyscallPolicy policy =
                SyscallPolicy.of(EPERM)
                        .first(
                                SyscallRule.of(
                                        Syscall.IOCTL,
                                        new SyscallAction.Fail(200),
                                        "",
                                        ArgumentTest.intIs(1, 0x5412),
                                        ArgumentTest.intHasAny(0, 0x7),
                                        ArgumentTest.longIsBelow(2, -1)));

        assertThat(policy.toJson().replaceAll("\\s", ""))
                .isEqualTo(
                        """
                        {"otherwise":"EPERM","unknown":"ENOSYS","rules":[{"calls":["ioctl"],
                        "arguments":[
                        {"index":1,"bits":32,"is":"==","value":"0x5412"},
                        {"index":0,"mask":"0x7","is":"!=","value":"0x0"},
                        {"index":2,"bits":64,"is":"<","value":"0xffffffffffffffff"}],
                        "action":200}]}\
                        """
                                .replaceAll("\\s", ""));
        assertThat(SyscallPolicy.fromJson(policy.toJson())).isEqualTo(policy);
    }

    @Test
    void numbersMayBeWrittenInSeveralWays() {
        String form =
                "{\"otherwise\":\"allow\",\"rules\":[{\"calls\":[\"ioctl\"],\"action\":1,"
                        + "\"arguments\":[{\"index\":1,\"bits\":32,\"is\":\"==\",\"value\":%s}]}]}";

        SyscallPolicy policy = SyscallPolicy.fromJson(form.formatted("21522"));

        assertThat(SyscallPolicy.fromJson(form.formatted("\"0x5412\""))).isEqualTo(policy);
        assertThat(SyscallPolicy.fromJson(form.formatted("\"21522\""))).isEqualTo(policy);
        assertThat(policy.rules())
                .containsExactly(
                        SyscallRule.of(Syscall.IOCTL, EPERM, "", ArgumentTest.intIs(1, 0x5412)));
    }

    @Test
    void aWholeSpecHasItsSystemCalls() {
        SandboxSpec spec =
                Sandbox.builder()
                        .syscalls(
                                SyscallPolicy.of(SyscallAction.KILL)
                                        .first(
                                                SyscallRule.of(
                                                        Syscall.READ, SyscallAction.ALLOW, "")))
                        .spec();

        assertThat(SandboxSpec.fromJson(spec.toJson())).isEqualTo(spec);
        assertThat(SandboxSpec.fromJson("{}").syscalls()).isEqualTo(SyscallPolicy.standard());
        assertThat(SandboxSpec.fromJson("{\"syscalls\":\"unfiltered\"}").syscalls())
                .isEqualTo(SyscallPolicy.unfiltered());
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        SandboxSpec.fromJson(
                                "{\"syscalls\":{\"otherwise\":\"EPERM\",\"rules\":[{}]}}"))
                .withMessage("line 1, column 43: syscalls.rules[0]: field \"calls\" must be given");
    }

    @Test
    void aRandomPolicyIsReadAsItWasWritten() {
        for (int seed = 0; seed < 500; seed++) {
            SyscallPolicy policy = random(new Random(seed));
            String json = policy.toJson();
            assertThat(SyscallPolicy.fromJson(json)).as("seed %d", seed).isEqualTo(policy);
        }
    }

    private static SyscallPolicy random(Random random) {
        List<SyscallRule> rules = new ArrayList<>();
        Syscall[] calls = Syscall.values();
        for (int i = random.nextInt(12); i > 0; i--) {
            ArgumentTest[] tests = new ArgumentTest[random.nextInt(4)];
            for (int j = 0; j < tests.length; j++) {
                long[] masks = {0xffffffffL, -1, 1, 0x7f00000000L, random.nextLong() | 1};
                long mask = masks[random.nextInt(masks.length)];
                tests[j] =
                        new ArgumentTest(
                                random.nextInt(6),
                                mask,
                                Relation.values()[random.nextInt(6)],
                                random.nextLong() & mask);
            }
            SyscallAction action = action(random, true);
            String reason = random.nextBoolean() ? "" : "reason \"" + random.nextInt(3) + "\" é";
            for (int j = random.nextInt(1, 4); j > 0; j--) {
                Syscall call = calls[random.nextInt(calls.length)];
                rules.add(SyscallRule.of(call, action, reason, tests));
            }
        }
        Set<FilterFlag> flags = EnumSet.noneOf(FilterFlag.class);
        for (FilterFlag flag : FilterFlag.values()) {
            if (random.nextInt(4) == 0) {
                flags.add(flag);
            }
        }
        SyscallPolicy base =
                random.nextInt(3) == 0
                        ? SyscallProfile.values()[random.nextInt(SyscallProfile.values().length)]
                                .policy()
                        : SyscallPolicy.of(action(random, true)).unknown(action(random, false));
        return base.first(rules).flags(flags);
    }

    private static SyscallAction action(Random random, boolean notify) {
        return switch (random.nextInt(notify ? 7 : 6)) {
            case 0 -> SyscallAction.KILL;
            case 1 -> SyscallAction.TRAP;
            case 2 -> SyscallAction.LOG;
            case 3 -> SyscallAction.ALLOW;
            case 4 -> EPERM;
            case 5 -> new SyscallAction.Fail(random.nextInt(1, 4096));
            default -> SyscallAction.NOTIFY;
        };
    }

    @Test
    void aPolicyIsKeptInAFile(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("calls.json");
        SyscallPolicy policy = SyscallPolicy.of(SyscallAction.TRAP);
        policy.write(file);
        assertThat(SyscallPolicy.read(file)).isEqualTo(policy);

        Files.writeString(file, "{\"otherwise\":\"maybe\"}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyscallPolicy.read(file))
                .withMessageStartingWith(file + ":1:14: otherwise: expected \"kill\", \"trap\"");
        assertThatThrownBy(() -> SyscallPolicy.read(directory.resolve("none")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("cannot read the policy " + directory.resolve("none"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'judgement'|expected one of 'standard', 'judge'",
                "5|expected an object, was 5",
                "{}|expected a profile's name, or either 'profile' or 'otherwise', was {}",
                "{'profile':'standard','otherwise':'kill'}|expected a profile's name, or either",
                "{'otherwise':'EPERM','rule':[]}|rule: unknown field; did you mean 'rules'? Known"
                        + " here: profile, otherwise, unknown, flags, rules",
                "{'otherwise':'perhaps'}|otherwise: expected 'kill', 'trap', 'notify', 'log',"
                        + " 'allow', the name of an error such as 'EPERM', or its number from 1 to"
                        + " 4095, was 'perhaps'",
                "{'otherwise':0}|otherwise: errno must be 1 to 4095, was 0",
                "{'otherwise':true}|otherwise: expected 'kill', 'trap'",
                "{'otherwise':'EPERM','unknown':'notify'}|unknown must not be notify: no handler is"
                        + " for it",
                "{'otherwise':'EPERM','flags':['LOG']}|flags[0]: expected"
                        + " one of 'SECCOMP_FILTER_FLAG_LOG",
                "{'otherwise':'EPERM','rules':[{'calls':['read','raed'],'action':'allow'}]}"
                        + "|rules[0].calls[1]: expected the name of a system call of 64-bit Linux,"
                        + " was 'raed'; did you mean 'read'?",
                "{'otherwise':'EPERM','rules':[{'calls':[],'action':'allow'}]}"
                        + "|rules[0].calls: must name a system call",
                "{'otherwise':'EPERM','rules':[{'calls':'read','action':'allow'}]}"
                        + "|rules[0].calls: expected an array, was 'read'",
                "{'otherwise':'EPERM','rules':[{'calls':['read']}]}"
                        + "|rules[0]: field 'action' must be given",
                "{'otherwise':'EPERM','rules':[{'calls':['read'],'action':'allow','reason':'a\\nb'}]}|rules[0]:"
                    + " reason must be one line",
                "{'defaultAction':'SCMP_ACT_KILL'}|this is a seccomp profile of Docker or OCI; read"
                        + " it with SeccompProfile",
                "{'otherwise':'EPERM','otherwise':'EPERM'}|otherwise: given twice; first at line 1,"
                        + " column 2",
            })
    void aRefusalSaysWhereAndWhy(String json, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyscallPolicy.fromJson(json.replace('\'', '"')))
                .satisfies(e ->
                        assertThat(e.getMessage().replaceFirst("line 1, column [0-9]+: ", ""))
                                .startsWith(
                                        message.replace("'", "\"")
                                                .replace("profile\"s", "profile's")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'index':6,'bits':32,'is':'==','value':0}|: index must be 0 to 5, was 6",
                "{'index':0,'bits':16,'is':'==','value':0}|.bits: expected 32 or 64, was 16",
                "{'index':0,'is':'==','value':0}|: expected either 'bits' or 'mask', was {",
                "{'index':0,'bits':32,'mask':1,'is':'==','value':0}|: expected either 'bits' or",
                "{'index':0,'mask':0,'is':'==','value':0}|: mask must have a bit set, was 0",
                "{'index':0,'bits':32,'is':'=','value':0}|.is: expected one of '==', '!=', '<',"
                        + " '<=', '>' or '>=', was '='; did you mean '=='?",
                "{'index':0,'bits':32,'is':'==','value':4294967296}|: value must lie within mask"
                        + " 0xffffffff, was 0x100000000",
                "{'index':0,'bits':64,'is':'==','value':-1}|.value: expected a whole number from 0"
                        + " to 2^64 - 1, was -1",
                "{'index':0,'bits':64,'is':'==','value':18446744073709551616}|.value: expected a"
                        + " whole number from 0 to 2^64 - 1",
                "{'index':0,'bits':64,'is':'==','value':'0x10000000000000000'}|.value: expected a"
                        + " number from 0 to 2^64 - 1, such as '0x5412'",
                "{'index':0,'bits':64,'is':'==','value':'-1'}|.value: expected a number from 0",
                "{'index':0,'bits':64,'is':'==','value':'0x-1'}|.value: expected a number from 0",
                "{'index':0,'bits':64,'is':'==','value':1.5}|.value: expected a number from 0",
                "{'index':0,'bits':64,'is':'=='}|: field 'value' must be given",
            })
    void anArgumentThatCannotBeIsRefused(String argument, String message) {
        String json =
                "{'otherwise':'EPERM','rules':[{'calls':['read'],'action':'allow','arguments':["
                        + argument
                        + "]}]}";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyscallPolicy.fromJson(json.replace('\'', '"')))
                .satisfies(e ->
                        assertThat(e.getMessage().replaceFirst("line 1, column [0-9]+: ", ""))
                                .startsWith("rules[0].arguments[0]" + message.replace('\'', '"')));
    }
}
