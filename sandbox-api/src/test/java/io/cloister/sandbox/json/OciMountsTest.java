package io.cloister.sandbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.oci.OciConfig;
import io.cloister.sandbox.policy.Bind;
import io.cloister.sandbox.policy.Mount;
import io.cloister.sandbox.policy.Tmpfs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.List;

class OciMountsTest {
    private static final Path BUNDLE = Path.of("/srv/bundle");

    private static OciConfig read(String mounts, String namespaces) {
        String json =
                "{'ociVersion':'1.2.0','root':{'path':'rootfs'},'process':{'args':['x'],"
                        + "'cwd':'/'},\n'mounts':[%s],'linux':{'namespaces':[%s]}}";
        return OciConfig.fromJson(json.formatted(mounts, namespaces).replace('\'', '"'), BUNDLE);
    }

    private static OciConfig read(String mounts) {
        return read(mounts, "{'type':'ipc'}");
    }

    private static String options(String type, String options) {
        return "{'destination':'%s','type':'%s','source':'/s','options':['%s']}"
                .formatted(
                        switch (type) {
                            case "proc" -> "/proc";
                            case "devpts" -> "/dev/pts";
                            default -> "/x";
                        },
                        type,
                        options.replace(" ", "','"));
    }

    private static Mount only(OciConfig config) {
        List<Mount> mounts = config.spec().filesystem().mounts();
        assertThat(mounts).hasSize(1);
        return mounts.getFirst();
    }

    private static List<String> ofOptions(OciConfig config) {
        return config.notHonoured().stream()
                .filter(note -> note.startsWith("mounts[0].options: "))
                .map(note -> note.replaceFirst(".*?: ", ""))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "bind,ro",
        "bind,rro",
        "bind,rw",
        "bind,noexec",
        "bind,rnoexec",
        "bind,exec",
        "bind,dev",
        "bind,nodev",
        "bind,rnodev",
        "bind,nosuid",
        "bind,rnosuid",
        "bind,nosymfollow",
        "bind,rnosymfollow",
        "bind,private",
        "bind,rbind",
        "tmpfs,rw",
        "tmpfs,nosuid",
        "tmpfs,nodev",
        "tmpfs,size=1m",
        "tmpfs,mode=755",
        "tmpfs,nr_inodes=5",
        "tmpfs,private",
        "proc,nosuid",
        "proc,noexec",
        "proc,nodev",
        "devpts,nosuid",
        "devpts,noexec",
        "devpts,newinstance"
    })
    void theseOptionsAreHonoured(String type, String option) {
        assertThat(ofOptions(read(options(type, option)))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "bind,suid",
        "bind,noatime",
        "bind,slave",
        "bind,rrw",
        "tmpfs,ro",
        "tmpfs,noexec",
        "tmpfs,suid",
        "tmpfs,dev",
        "proc,ro",
        "proc,hidepid=2",
        "devpts,gid=5"
    })
    void theseOptionsAreSaid(String type, String option) {
        assertThat(ofOptions(read(options(type, option))))
                .singleElement()
                .asString()
                .startsWith(option + ": ");
    }

    @ParameterizedTest
    @CsvSource({"bind,shared", "tmpfs,rshared", "bind,idmap", "bind,unbindable"})
    void theseOptionsAreRefused(String type, String option) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(options(type, option)))
                .withMessageContaining("mounts[0].options: " + option + ": ");
    }

    @Test
    void theRecursiveOptionsOfABindDoWhatTheOthersDo() {
        Bind strict = Bind.readOnly(Path.of("/s"), "/x").noexec().nosymfollow();
        assertThat(only(read(options("bind", "ro noexec nodev nosymfollow")))).isEqualTo(strict);
        assertThat(only(read(options("bind", "rro rnoexec rnodev rnosymfollow"))))
                .isEqualTo(strict);
        assertThat(only(read(options("bind", "rbind dev"))))
                .isEqualTo(Bind.writable(Path.of("/s"), "/x").allowDevices());
        // The stricter one holds.
        assertThat(only(read(options("bind", "rw rro exec rnoexec dev rnodev rnosymfollow"))))
                .isEqualTo(strict);
    }

    @Test
    void aBindThatIsNotRecursiveShowsMoreAndThatIsSaid() {
        String note = "bind: what is mounted below the source is shown as well, as with rbind";
        assertThat(ofOptions(read(options("bind", "bind ro")))).containsExactly(note);
        assertThat(ofOptions(read(options("none", "bind")))).containsExactly(note);
        assertThat(ofOptions(read(options("bind", "rbind ro")))).isEmpty();
        assertThat(ofOptions(read(options("bind", "ro")))).isEmpty();
    }

    @Test
    void theSizesOfATmpfsAreThoseOfTheKernel() {
        assertThat(only(read(options("tmpfs", "size=64k nr_inodes=2k mode=01755"))))
                .isEqualTo(new Tmpfs("/x", Bytes.kibibytes(64), 2048, 01755));
        assertThat(only(read("{'destination':'/x','type':'tmpfs'}")))
                .isEqualTo(new Tmpfs("/x", Bytes.mebibytes(64), Tmpfs.DEFAULT_INODES, 01777));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "size=half|expected a size such as \"256m\", was \"half\"",
                "size=0|size of tmpfs /x must be > 0, was 0 B",
                "nr_inodes=x|expected a size such as \"256m\", was \"x\"",
                "nr_inodes=0|inodes of tmpfs /x must be > 0, was 0",
                "mode=9|expected a mode such as mode=1777, was \"mode=9\"",
                "mode=|expected a mode such as mode=1777, was \"mode=\"",
                "mode=77777|mode must be 0 to 01777, was 077777"
            })
    void aNumberOfATmpfsIsRefusedAtItsPlace(String option, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(options("tmpfs", option)))
                .withMessage("line 2, column 70: mounts[0].options: " + message);
    }

    @Test
    void theDestinationOfATmpfsIsRefusedAtItsPlace() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("{'destination':'x','type':'tmpfs','options':['mode=1']}"))
                .withMessageStartingWith("line 2, column 26: mounts[0].destination: ");
    }

    @Test
    void messageQueuesAreAtTheirPlaceAlone() {
        String there = "{'destination':'/dev/mqueue','type':'mqueue'}";
        assertThat(read(there).notHonoured())
                .contains("mounts[0]: /dev/mqueue is the sandbox's own");
        assertThat(read("{'destination':'/q','type':'mqueue'}").notHonoured())
                .contains("mounts[0]: not mounted there; /dev/mqueue is the sandbox's own");
        String none = "mounts[0]: there is no file system of message queues";
        assertThat(read(there, "{'type':'uts'}").notHonoured()).contains(none);
        String devices = ",{'destination':'/dev','type':'bind','source':'/d'}";
        assertThat(read(there + devices).notHonoured()).contains(none);
    }

    @Test
    void whatCoversTheRootIsSaid() {
        String note =
                "root.path: covered by file systems of the sandbox's own, empty at its start and"
                        + " gone with it: ";
        assertThat(read("").notHonoured()).contains(note + "/tmp, /dev, /dev/shm");
        assertThat(
                        read("{'destination':'/dev','type':'tmpfs'},{'destination':'/tmp','type':'bind',"
                                 + "'source':'/t'}")
                                .notHonoured())
                .contains(note + "/dev/shm")
                .anyMatch(line -> line.startsWith("mounts[0]: /dev is the sandbox's own"));
        assertThat(
                        read("{'destination':'/dev','type':'bind','source':'/d'},"
                                        + "{'destination':'/tmp','type':'tmpfs'}")
                                .notHonoured())
                .noneMatch(line -> line.startsWith("root.path"));
    }
}
