package io.cloister.sandbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxClock;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Capability;
import io.cloister.sandbox.policy.Hardening;
import io.cloister.sandbox.policy.LimitItem;
import io.cloister.sandbox.policy.Rlimit;
import io.cloister.sandbox.syscall.FilterFlag;
import io.cloister.sandbox.syscall.SyscallProfile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class PolicySchemaTest {
    private static final JsonNode TREE = JsonText.MAPPER.readTree(SandboxSpec.jsonSchema());
    private static final Schema SCHEMA =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(SandboxSpec.jsonSchema(), InputFormat.JSON);
    private static final Pattern KNOWN = Pattern.compile("[Kk]nown here: (.*)$");

    private static List<com.networknt.schema.Error> errors(String json) {
        return SCHEMA.validate(json, InputFormat.JSON);
    }

    @ParameterizedTest
    @MethodSource("io.cloister.sandbox.json.SpecJsonTest#specs")
    void whatIsWrittenIsValid(SandboxSpec spec) {
        assertThat(errors(spec.toJson())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(SyscallProfile.class)
    void everyProfileIsValid(SyscallProfile profile) {
        assertThat(errors(Sandbox.builder().syscalls(profile.policy()).spec().toJson())).isEmpty();
        assertThat(errors("{\"syscalls\":" + profile.policy().flags(Set.of()).toJson() + "}"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'$schema':'x','extends':'judge','limits':{'memory':null},'environment':{'A':null}}",
                "{'limits':{'memory':'unlimited','pids':'unlimited','output':5}}",
                "{'limits':{'memory':'64 MiB','rlimits':{'core':'0','nofile':'1:unlimited'}}}",
                "{'mounts':[{'bind':'/a'},{'terminals':'/dev/pts'},{'file':'/b','base64':'AA=='}]}",
                "{'syscalls':{'rules':[{'calls':['@debug','read'],'action':5,'arguments':"
                        + "[{'index':0,'bits':64,'is':'!=','value':18446744073709551615}]}],"
                        + "'profile':'judge'}}",
                "{'network':{'tcpBind':'all','tcpConnect':[0,65535]}}",
                "{'limits':{'pids':5.0,'memory':1e6,'cpuWeight':1.0e2,'cpus':1}}",
                "{'syscalls':{'profile':'judge','rules':[{'calls':['read'],'action':5.0,"
                        + "'arguments':[{'index':0.0,'bits':64.0,'is':'==','value':1e3}]}]}}",
                "{'umask':'00777','limits':{'cpuset':'0-12345','memoryNodes':'1,2'}}",
                "{'umask':'7','mounts':[{'directory':'/a','mode':'01777'},"
                        + "{'file':'/b','text':'','mode':'0777'}]}",
                "{'root':{'empty':true,'devices':true}}",
                "{'isolation':'confined'}"
            })
    void whatIsReadIsValid(String json) {
        assertThat(errors(json.replace('\'', '"'))).isEmpty();
        String read = json.replace("'extends':'judge',", "'extends':'strict',");
        assertThat(SandboxSpec.fromJson(read.replace('\'', '"'))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{'memory':'1m'}",
                "{'extends':['judge']}",
                "{'limits':{'memroy':'1m'}}",
                "{'limits':{'memory':'lots'}}",
                "{'limits':{'memory':-1}}",
                "{'limits':{'memory':true}}",
                "{'limits':{'pids':1.5}}",
                "{'limits':{'pids':0}}",
                "{'limits':{'cpus':'1'}}",
                "{'limits':{'cpus':0}}",
                "{'limits':{'cpuWeight':10001}}",
                "{'limits':{'cpuset':'0-'}}",
                "{'limits':{'wallTime':5}}",
                "{'limits':{'wallTime':'soon'}}",
                "{'limits':{'memoryHigh':'unlimited'}}",
                "{'limits':{'io':[{'device':'/dev/sda'}]}}",
                "{'limits':{'io':[{'readPerSecond':1}]}}",
                "{'limits':{'hugePages':{'big':'9m'}}}",
                "{'limits':{'rlimits':{'files':'1'}}}",
                "{'limits':{'rlimits':{'core':5}}}",
                "{'limits':{'bestEffort':['wallTime']}}",
                "{'namespaces':{'net':'none'}}",
                "{'namespaces':{'network':'new'}}",
                "{'root':{'minimal':false}}",
                "{'root':{'empty':false}}",
                "{'root':{'directory':'img'}}",
                "{'mounts':{}}",
                "{'mounts':[{}]}",
                "{'mounts':[{'bind':'a'}]}",
                "{'mounts':[{'bind':'/a','size':'1m'}]}",
                "{'mounts':[{'bind':'/a','tmpfs':'/a'}]}",
                "{'mounts':[{'tmpfs':'/t'}]}",
                "{'mounts':[{'tmpfs':'/t','size':'1m','mode':'99'}]}",
                "{'mounts':[{'descriptor':3}]}",
                "{'mounts':[{'file':'/a'}]}",
                "{'mounts':[{'terminals':'/pts'}]}",
                "{'proc':{'view':'half'}}",
                "{'proc':{'masked':['/etc']}}",
                "{'user':{'uid':-1}}",
                "{'user':{'uidMap':[{'inside':0,'outside':0,'count':1}]}}",
                "{'clockOffsets':{'realtime':'1h'}}",
                "{'umask':22}",
                "{'umask':'01000'}",
                "{'umask':'07777'}",
                "{'umask':'000777'}",
                "{'limits':{'cpuset':'123456'}}",
                "{'limits':{'memoryNodes':'1-123456'}}",
                "{'limits':{'pids':5.5}}",
                "{'mounts':[{'directory':'/a','mode':'02777'}]}",
                "{'mounts':[{'tmpfs':'/a','size':'1m','mode':'07777'}]}",
                "{'mounts':[{'file':'/a','text':'','mode':'01777'}]}",
                "{'hostName':'a b'}",
                "{'environment':{'A':1}}",
                "{'workDirectory':'tmp'}",
                "{'syscalls':'judgement'}",
                "{'syscalls':{'otherwise':'perhaps'}}",
                "{'syscalls':{'otherwise':0}}",
                "{'syscalls':{'profile':'judge','rules':[{'calls':[],'action':'allow'}]}}",
                "{'syscalls':{'profile':'judge','rules':[{'calls':['read']}]}}",
                "{'syscalls':{'profile':'judge','rules':[{'calls':['read'],'action':'allow',"
                        + "'arguments':[{'index':6,'bits':32,'is':'==','value':0}]}]}}",
                "{'syscalls':{'profile':'judge','rules':[{'calls':['read'],'action':'allow',"
                        + "'arguments':[{'index':0,'is':'==','value':0}]}]}}",
                "{'privileges':{'capabilities':['CHOWN']}}",
                "{'privileges':{'harden':['more']}}",
                "{'network':{'tcpBind':'none'}}",
                "{'network':{'tcpBind':[65536]}}",
                "{'isolation':'none'}"
            })
    void whatIsRefusedIsNotValid(String json) {
        String text = json.replace('\'', '"');
        assertThat(errors(text)).isNotEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> SandboxSpec.fromJson(text));
    }

    /// An object in which `?` stands for a field, and where its fields are in the schema.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{?}|",
                "{'limits':{?}}|/properties/limits",
                "{'limits':{'rlimits':{?}}}|/properties/limits/properties/rlimits",
                "{'limits':{'io':[{'device':'/a',?}]}}|/properties/limits/properties/io/items",
                "{'namespaces':{?}}|/properties/namespaces",
                "{'root':{?}}|/properties/root",
                "{'scratch':{?}}|/properties/scratch",
                "{'proc':{?}}|/properties/proc",
                "{'user':{?}}|/properties/user",
                "{'user':{'uidMap':[{?}]}}|/properties/user/properties/uidMap/items",
                "{'clockOffsets':{?}}|/properties/clockOffsets",
                "{'privileges':{?}}|/properties/privileges",
                "{'network':{?}}|/properties/network",
                "{'syscalls':{?}}|/properties/syscalls/anyOf/1",
                "{'syscalls':{'profile':'judge','rules':[{?}]}}"
                        + "|/properties/syscalls/anyOf/1/properties/rules/items",
                "{'syscalls':{'profile':'judge','rules':[{'calls':['read'],'action':'kill',"
                    + "'arguments':[{?}]}]}}|/properties/syscalls/anyOf/1/properties/rules/items"
                    + "/properties/arguments/items",
                "{'mounts':[{'bind':'/a',?}]}|/properties/mounts/items/anyOf/0",
                "{'mounts':[{'descriptor':3,?}]}|/properties/mounts/items/anyOf/1",
                "{'mounts':[{'tmpfs':'/a',?}]}|/properties/mounts/items/anyOf/2",
                "{'mounts':[{'file':'/a',?}]}|/properties/mounts/items/anyOf/3",
                "{'mounts':[{'symlink':'/a',?}]}|/properties/mounts/items/anyOf/4",
                "{'mounts':[{'directory':'/a',?}]}|/properties/mounts/items/anyOf/5"
            })
    void theFieldsAreThoseThatAreRead(String json, String pointer) {
        String path = pointer == null ? "" : pointer;
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        SandboxSpec.fromJson(
                                json.replace("?", "'?':1").replace('\'', '"').replace('?', '#')))
                .satisfies(e -> {
                    Matcher known = KNOWN.matcher(e.getMessage());
                    assertThat(known.find()).as(e.getMessage()).isTrue();
                    assertThat(TREE.at(path + "/properties").propertyNames())
                            .containsExactlyInAnyOrder(known.group(1).split(", "));
                });
    }

    @Test
    void theNamesAreThoseThatAreRead() {
        names("/properties/namespaces/properties", Namespace.values(), Namespace::label);
        names("/properties/clockOffsets/properties", SandboxClock.values(), SandboxClock::label);
        names("/properties/limits/properties/rlimits/properties", Rlimit.values(), Rlimit::label);
        names(
                "/properties/limits/properties/bestEffort/items/enum",
                LimitItem.values(),
                LimitItem::label);
        names(
                "/properties/privileges/properties/capabilities/items/enum",
                Capability.values(),
                Capability::label);
        names(
                "/properties/privileges/properties/harden/items/enum",
                Hardening.values(),
                Hardening::label);
        names("/$defs/profile/enum", SyscallProfile.values(), SyscallProfile::label);
        names(
                "/properties/syscalls/anyOf/1/properties/flags/items/enum",
                FilterFlag.values(),
                FilterFlag::label);
    }

    private static <E> void names(String pointer, E[] constants, Function<E, String> label) {
        JsonNode node = TREE.at(pointer);
        List<String> names = new ArrayList<>(node.propertyNames());
        node.forEach(element -> {
            if (element.isString()) {
                names.add(element.stringValue());
            }
        });
        assertThat(names).containsExactlyElementsOf(Arrays.stream(constants).map(label).toList());
    }

    @Test
    void everyFieldHasADescription() {
        List<String> without = new ArrayList<>();
        describe("", TREE, without);
        assertThat(without).isEmpty();
        assertThat(TREE.findValues("description")).hasSizeGreaterThan(100);
    }

    private static void describe(String path, JsonNode node, List<String> without) {
        JsonNode fields = node.path("properties");
        for (String name : fields.propertyNames()) {
            if (!fields.get(name).path("description").isString()) {
                without.add(path + "/" + name);
            }
        }
        for (String name : node.propertyNames()) {
            describe(path + "/" + name, node.get(name), without);
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            describe(path + "/" + i, node.get(i), without);
        }
    }
}
