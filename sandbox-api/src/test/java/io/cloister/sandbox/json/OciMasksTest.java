package io.cloister.sandbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.oci.OciConfig;
import io.cloister.sandbox.policy.ProcFilesystem;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.List;

class OciMasksTest {
    private static final String PROC = "{'destination':'/proc','type':'proc'}";
    private static final String FIRMWARE = "'maskedPaths':['/sys/firmware','/sys/dev/block']";

    private static OciConfig read(String root, String mounts, String linux) {
        String json =
                "{'ociVersion':'1.2.0','root':{%s},'process':{'args':['x'],'cwd':'/'},"
                        + "'mounts':[%s],'linux':{%s}}";
        return OciConfig.fromJson(
                json.formatted(root, mounts, linux).replace('\'', '"'), Path.of("/srv/bundle"));
    }

    private static OciConfig read(String mounts, String linux) {
        return read("'path':'rootfs'", mounts, linux);
    }

    private static String bind(String destination, String option) {
        return "{'destination':'%s','type':'bind','source':'/sys','options':['%s']}"
                .formatted(destination, option);
    }

    private static List<String> notes(OciConfig config) {
        return config.notHonoured().stream()
                .filter(note -> note.matches("linux\\.(masked|readonly).*"))
                .toList();
    }

    @Test
    void pathsOfProcAreHiddenAndMadeReadOnly() {
        OciConfig config =
                read(PROC, "'maskedPaths':['/proc/a','/proc/b'],'readonlyPaths':['/proc/b']");
        ProcFilesystem proc = config.spec().filesystem().proc();
        assertThat(proc.masked()).contains("/proc/a", "/proc/b");
        assertThat(proc.readOnly()).doesNotContain("/proc/b");
        assertThat(notes(config)).isEmpty();
    }

    @Test
    void withoutAProcTheRootsOwnIsSeen() {
        assertThat(notes(read("", "'maskedPaths':['/proc/a']")))
                .containsExactly(
                        "linux.maskedPaths: no mount shows a /proc; what root.path has there is not"
                                + " hidden: /proc/a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("'path':'/'", "", "'maskedPaths':['/proc/a']"))
                .withMessageContaining(
                        "linux.maskedPaths[0]: cannot be hidden in the /proc of the host, which"
                                + " root.path shows");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sys", "/sys/firmware", "/sys/firmware/efi"})
    void whatABindShowsOfSysCannotBeHidden(String destination) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(bind(destination, "ro"), FIRMWARE))
                .withMessageEndingWith(
                        "linux.maskedPaths[0]: cannot be hidden in what the mount at "
                                + destination
                                + " shows; leave out one of them");
        assertThat(read(bind(destination, "ro"), "").spec().filesystem().mounts()).hasSize(1);
    }

    @Test
    void whatABindShowsBesidesIsNotMeant() {
        assertThat(notes(read(bind("/sys/class", "ro"), FIRMWARE)))
                .containsExactly(
                        "linux.maskedPaths: no mount shows a /sys; what root.path has there is not"
                                + " hidden: /sys/firmware, /sys/dev/block");
    }

    @Test
    void thereIsNothingToHideInATmpfs() {
        assertThat(notes(read("{'destination':'/sys','type':'tmpfs'}", FIRMWARE))).isEmpty();
    }

    @Test
    void theRootMayHaveASysAndThatIsSaid() {
        assertThat(notes(read("{'destination':'/sys','type':'sysfs'}", FIRMWARE))).hasSize(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("'path':'/'", "", FIRMWARE))
                .withMessageContaining("cannot be hidden in the /sys of the host");
    }

    @Test
    void aReadOnlyBindOrRootIsEnoughForReadOnlyPaths() {
        String paths = "'readonlyPaths':['/sys/fs']";
        assertThat(notes(read(bind("/sys", "ro"), paths))).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(bind("/sys", "rw"), paths))
                .withMessageContaining(
                        "linux.readonlyPaths[0]: cannot be made read-only in what the mount at"
                                + " /sys shows");
        assertThat(notes(read("'path':'/','readonly':true", "", paths))).isEmpty();
        assertThat(notes(read("", paths)))
                .singleElement()
                .asString()
                .startsWith("linux.readonlyPaths: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc", "/sys/../etc", "/proc/../etc", "/proc", "/system", "proc/a"})
    void othersAreRefused(String path) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(PROC, "'maskedPaths':['" + path + "']"))
                .withMessageContaining(
                        "linux.maskedPaths[0]: only paths of /proc and /sys can be made masked,"
                                + " was \""
                                + path
                                + '"');
    }
}
