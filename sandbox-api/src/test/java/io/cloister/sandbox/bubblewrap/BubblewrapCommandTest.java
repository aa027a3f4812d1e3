package io.cloister.sandbox.bubblewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.Namespace;
import io.cloister.sandbox.SandboxSpec;
import io.cloister.sandbox.policy.Capability;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;

/// What a line says of all but the file tree.
class BubblewrapCommandTest {
    private final FakeCaller caller = new FakeCaller();

    private BubblewrapCommand parse(String line) {
        return BubblewrapCommand.parse(List.of(line.split(" ")), caller);
    }

    private SandboxSpec spec(String line) {
        return parse(line + " true").spec();
    }

    @Test
    void whatIsNotUnsharedIsTheHosts() {
        assertThat(spec("--ro-bind / /").newNamespaces())
                .isEqualTo(EnumSet.of(Namespace.MOUNT, Namespace.USER, Namespace.TIME));
        assertThat(spec("--unshare-pid --unshare-ipc").newNamespaces())
                .isEqualTo(
                        EnumSet.of(
                                Namespace.MOUNT,
                                Namespace.USER,
                                Namespace.TIME,
                                Namespace.PID,
                                Namespace.IPC));
        assertThat(spec("--unshare-all").newNamespaces()).isEqualTo(EnumSet.allOf(Namespace.class));
    }

    @Test
    void theLastWordOnTheNetworkCounts() {
        assertThat(spec("--unshare-all --share-net").newNamespaces()).doesNotContain(Namespace.NET);
        assertThat(spec("--share-net --unshare-net").newNamespaces()).contains(Namespace.NET);
    }

    @Test
    void theHostNameIsTheHostsUnlessAnotherIsSaid() {
        assertThat(spec("--unshare-uts").hostName()).contains("fake");
        assertThat(spec("--unshare-uts --hostname box").hostName()).contains("box");
        assertThat(spec("--unshare-pid").hostName()).isEmpty();
    }

    @Test
    void theUserIsTheCallerUnlessAnotherIsSaid() {
        assertThat(spec("--unshare-user").identity().uid()).isEqualTo(1000);
        assertThat(spec("--unshare-user").identity().gid()).isEqualTo(1001);
        assertThat(spec("--uid 7 --gid 8").identity().uid()).isEqualTo(7);
        assertThat(spec("--uid 7 --gid 8").identity().gid()).isEqualTo(8);
        assertThat(spec("--unshare-user").umask()).isEqualTo(027);
    }

    @Test
    void limitsAndTheFilterAreThoseOfTheStrictPolicy() {
        SandboxSpec spec = spec("--ro-bind / /");
        assertThat(spec.limits()).isEqualTo(SandboxSpec.strict().limits());
        assertThat(spec.syscalls()).isEqualTo(SandboxSpec.strict().syscalls());
    }

    @Test
    void theEnvironmentIsInheritedAndChangedInOrder() {
        caller.variable("A", "1");
        assertThat(spec("--setenv B 2 --unsetenv A").environment())
                .containsOnlyKeys("PATH", "HOME", "B", "PWD");
        assertThat(spec("--setenv A 5").environment()).containsEntry("A", "5");
        assertThat(spec("--setenv B 2 --clearenv --setenv C 3").environment())
                .containsOnlyKeys("C", "PWD");
    }

    @Test
    void capabilitiesAreTakenInOrder() {
        assertThat(spec("--unshare-pid").privileges().capabilities()).isEmpty();
        assertThat(
                        spec("--cap-add ALL --cap-drop CAP_SYS_ADMIN --cap-drop cap_net_raw")
                                .privileges()
                                .capabilities())
                .hasSize(Capability.values().length - 2)
                .doesNotContain(Capability.SYS_ADMIN, Capability.NET_RAW);
        assertThat(spec("--cap-add CAP_CHOWN --cap-drop ALL").privileges().capabilities())
                .isEmpty();
    }

    @Test
    void rootIsToldThatItHasNoCapabilities() {
        String line = "--ro-bind /usr /usr --remount-ro / --unshare-all true";
        assertThat(parse(line).notHonoured()).isEmpty();
        caller.root();
        assertThat(parse(line).notHonoured())
                .singleElement()
                .asString()
                .startsWith("capabilities: only those of --cap-add are kept");
        assertThat(parse("--cap-drop CAP_CHOWN " + line).notHonoured()).hasSize(1);
        assertThat(parse("--cap-drop ALL " + line).notHonoured()).isEmpty();
    }

    @Test
    void theCommandBeginsWithTheFirstWordThatIsNoOption() {
        assertThat(parse("--unshare-pid sh -c --bind").command().arguments())
                .containsExactly("-c", "--bind");
        assertThat(parse("--unshare-pid -- --odd x").command().program()).isEqualTo("--odd");
        assertThat(parse("--argv0 me sh").command().argv0()).contains("me");
    }

    @Test
    void argumentsAreReadFromDescriptors() {
        caller.descriptor(5, "--setenv\0A\0two words\0--unshare-net\0").descriptor(6, "--uid\0005");
        BubblewrapCommand read = parse("--args 5 --args 6 --gid 9 sh");
        assertThat(read.spec().environment()).containsEntry("A", "two words");
        assertThat(read.spec().newNamespaces()).contains(Namespace.NET);
        assertThat(read.spec().identity().uid()).isEqualTo(5);
        assertThat(read.spec().identity().gid()).isEqualTo(9);
        assertThat(read.command().program()).isEqualTo("sh");
    }

    @Test
    void aDescriptorThatIsNotOpenIsNoMistakeOfTheLine() {
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> parse("--file 9 /a true"))
                .withMessage("cannot read descriptor 9");
    }

    @Test
    void whatIsWatchedFromOutsideIsHandedOn() {
        assertThat(
                        parse("--info-fd 3 --json-status-fd 4 --block-fd 5 --die-with-parent sh")
                                .supervision())
                .isEqualTo(
                        new Supervision(
                                OptionalInt.of(3), OptionalInt.of(4), OptionalInt.of(5), true));
        assertThat(parse("sh").supervision().diesWithParent()).isFalse();
    }

    @Test
    void theCommandStartsInTheCallersDirectoryWhereThatIsInside() {
        assertThat(spec("--ro-bind / /").workDirectory()).isEqualTo("/home/ann");
        assertThat(spec("--ro-bind / /").environment()).containsEntry("PWD", "/home/ann");
        assertThat(spec("--bind /home /home").workDirectory()).isEqualTo("/home/ann");
        assertThat(spec("--ro-bind /usr /usr").workDirectory()).isEqualTo("/");
        assertThat(spec("--ro-bind / / --tmpfs /home").workDirectory()).isEqualTo("/");
        assertThat(spec("--ro-bind / / --tmpfs /home --dir /home/ann").workDirectory())
                .isEqualTo("/home/ann");
        assertThat(spec("--ro-bind / / --chdir /etc").workDirectory()).isEqualTo("/etc");
    }

    @Test
    void elseInTheHomeDirectoryOfItsEnvironment() {
        caller.in("/srv/work");
        assertThat(spec("--bind /home /home").workDirectory()).isEqualTo("/home/ann");
        assertThat(spec("--tmpfs /h --setenv HOME /h").workDirectory()).isEqualTo("/h");
        assertThat(spec("--tmpfs /h --setenv HOME h").workDirectory()).isEqualTo("/");
        caller.shut("/home/ann");
        assertThat(spec("--bind /home /home").workDirectory()).isEqualTo("/");
    }

    @Test
    void linksOfTheLineLeadToTheDirectoryToo() {
        caller.in("/work/a");
        assertThat(spec("--dir /real/a --symlink real /work").workDirectory()).isEqualTo("/work/a");
        assertThat(spec("--dir /real/b --symlink real /work").workDirectory()).isEqualTo("/");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--bogus x | \"--bogus\" (word 1): unknown option of bubblewrap",
                "--unshare-pid -x | \"-x\" (word 2): unknown option of bubblewrap",
                "--unshare-pid | no command stands after the options",
                "--bind /a | --bind (word 1): needs 2 arguments",
                "--unshare-pid --proc | --proc (word 2): needs an argument",
                "--uid -1 sh | --uid (word 1): expected an id from 0 to 2147483647, was \"-1\"",
                "--perms 9 --dir /a sh | --perms (word 1): expected an octal number up to 07777",
                "--perms 0700 --proc /proc sh | --perms (word 1): needs --dir, --tmpfs, --file,",
                "--perms 0700 sh | --perms (word 1): needs --dir,",
                "--perms 1 --perms 2 --dir /a sh | --perms (word 3): stands twice",
                "--size 0 --tmpfs /a sh | --size (word 1): expected a number of bytes > 0",
                "--size 1 --dir /a sh | --size (word 1): needs --tmpfs behind it",
                "--hostname box sh | --hostname (word 1): needs --unshare-uts",
                "--unshare-uts --hostname a_! sh | --hostname (word 2): hostName must be 1 to 64",
                "--as-pid-1 sh | --as-pid-1 (word 1): needs --unshare-pid",
                "--cap-add CAP_X sh | --cap-add (word 1): expected ALL or the name of a capability",
                "--setenv A=B c sh | --setenv (word 1): expected a name without \"=\"",
                "--info-fd x sh | --info-fd (word 1): expected the number of a descriptor",
                "--seccomp 5 sh | --seccomp (word 1): compiled filters are not taken",
                "--userns 5 sh | --userns (word 1): namespaces are made, not joined",
                "--overlay a b /c sh | --overlay (word 1): there are no overlays",
                "--args 7 sh | --args (word 1): word 2 of descriptor 7 is no option, was \"ls\"",
                "--args 8 sh | --args (word 1 of descriptor 8): cannot stand in the arguments of",
                "--args 4 sh | --dev (word 1 of descriptor 4): dev can only be at /dev"
            })
    void aRefusalNamesTheOptionAndItsPlace(String line, String message) {
        caller.descriptor(7, "--unshare-pid\0ls\0")
                .descriptor(8, "--args\0003\0")
                .descriptor(4, "--dev\0/d\0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(line))
                .withMessageStartingWith(message);
    }
}
