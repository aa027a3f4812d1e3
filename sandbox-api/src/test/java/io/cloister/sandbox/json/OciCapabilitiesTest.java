package io.cloister.sandbox.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.oci.OciConfig;
import io.cloister.sandbox.policy.Capability;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.Set;

/// Which capabilities of a configuration a program has once it is executed.
class OciCapabilitiesTest {
    private static final String DOCKERS = "['CAP_SETUID','CAP_NET_RAW','CAP_MKNOD']";

    private static OciConfig read(String user, String sets) {
        String json =
                "{'ociVersion':'1.2.0','root':{'path':'rootfs'},'process':{'args':['x'],"
                        + "'cwd':'/',%s'capabilities':{%s}}}";
        return OciConfig.fromJson(
                json.formatted(user, sets).replace('\'', '"'), Path.of("/srv/bundle"));
    }

    private static String user(int uid) {
        return "'user':{'uid':%d,'gid':5},".formatted(uid);
    }

    /// As Docker and containerd write it.
    private static String withoutAmbient() {
        return "'bounding':%1$s,'effective':%1$s,'permitted':%1$s".formatted(DOCKERS);
    }

    private static Set<Capability> kept(OciConfig config) {
        return config.spec().privileges().capabilities();
    }

    @Test
    void aUserOtherThan0HasNoneWhereNoneIsAmbient() {
        OciConfig config = read(user(1000), withoutAmbient());
        assertThat(kept(config)).isEmpty();
        assertThat(config.notHonoured())
                .contains(
                        "process.capabilities.effective: not kept, since a user other than 0 has"
                                + " what stands in all of effective, permitted, bounding,"
                                + " inheritable, ambient: CAP_SETUID, CAP_NET_RAW, CAP_MKNOD")
                .anyMatch(note -> note.startsWith("process.capabilities.bounding: not kept"));
        assertThat(kept(read("", withoutAmbient()))).isEmpty();
    }

    @Test
    void aUserOtherThan0HasWhatIsAmbientAndMayBe() {
        String ambient = ",'inheritable':['CAP_NET_RAW','CAP_MKNOD'],'ambient':['CAP_NET_RAW']";
        OciConfig config = read(user(1000), withoutAmbient() + ambient);
        assertThat(kept(config)).containsExactly(Capability.NET_RAW);
        assertThat(config.notHonoured())
                .anyMatch(note ->
                        note.startsWith("process.capabilities.inheritable: ")
                                && note.endsWith(": CAP_MKNOD"))
                .noneMatch(note -> note.startsWith("process.capabilities.ambient: "));
        assertThat(kept(read(user(1000), withoutAmbient() + ",'ambient':['CAP_NET_RAW']")))
                .isEmpty();
    }

    @Test
    void user0HasThemWithoutAmbient() {
        OciConfig config = read(user(0), withoutAmbient());
        assertThat(kept(config))
                .containsExactlyInAnyOrder(Capability.SETUID, Capability.NET_RAW, Capability.MKNOD);
        assertThat(config.notHonoured()).noneMatch(note -> note.contains("capabilities"));
    }

    @Test
    void user0HasNoneThatIsNotPermittedOrBound() {
        String sets = "'effective':%s,'permitted':['CAP_SETUID'],'bounding':%s";
        assertThat(kept(read(user(0), sets.formatted(DOCKERS, DOCKERS))))
                .containsExactly(Capability.SETUID);
        OciConfig config = read(user(0), sets.formatted(DOCKERS, "['CAP_MKNOD']"));
        assertThat(kept(config)).isEmpty();
        assertThat(config.notHonoured())
                .contains(
                        "process.capabilities.permitted: not kept, since user 0 has what stands in"
                                + " all of effective, permitted, bounding: CAP_SETUID");
    }
}
