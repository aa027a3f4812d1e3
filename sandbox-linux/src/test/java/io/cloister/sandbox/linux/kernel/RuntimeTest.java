package io.cloister.sandbox.linux.kernel;

import static io.cloister.sandbox.linux.kernel.Runs.assertThat;
import static io.cloister.sandbox.linux.kernel.Runs.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.syscall.SyscallPolicy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The profiles are wide enough: compilers and language runtimes do real work under them.
@Tag("kernel")
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RuntimeTest {

    @ParameterizedTest
    @EnumSource
    void worksUnderJudge(Toolchain tools) {
        tools.needed();
        Sandbox.Builder builder = tools.sandbox().syscalls(SyscallPolicy.judge());
        assertThat(run(builder, tools.command())).printed(Toolchain.OUTPUT).exited(0);
    }

    @ParameterizedTest
    @EnumSource(names = {"PYTHON", "NODE", "PERL", "RUBY", "JAVA_17", "JAVA_25", "GO"})
    void servesUnderPlugin(Toolchain tools) {
        tools.needed();
        Sandbox.Builder builder = tools.sandbox().syscalls(SyscallPolicy.plugin());
        assertThat(run(builder, tools.command("serve")))
                .printed(Toolchain.OUTPUT + Toolchain.SERVED)
                .exited(0);
    }

    @ParameterizedTest
    @EnumSource
    void worksUnderBuild(Toolchain tools) {
        tools.needed();
        Sandbox.Builder builder = tools.sandbox().syscalls(SyscallPolicy.build());
        assertThat(run(builder, tools.command())).printed(Toolchain.OUTPUT).exited(0);
    }

    static Stream<Arguments> builds() {
        return Stream.of(
                Arguments.of(
                        "make",
                        """
                        echo 'int main(void) { return 0; }' > a.c
                        printf 'all: a b\\n\\techo made\\n%%: a.c\\n\\tgcc -o $@ a.c\\n' > Makefile
                        make -s -j2 && ./a && ./b
                        """,
                        "made"),
                Arguments.of(
                        "git",
                        """
                        export HOME=/work
                        git init -q a && cd a && echo 1 > f && git add f
                        git -c user.name=x -c user.email=x@y commit -q -m one
                        cd .. && git clone -q a b && git -C b gc -q && git -C b log --format=%s
                        """,
                        "one"),
                Arguments.of(
                        "tar",
                        """
                        mkdir -p a/b && echo 1 > a/b/f && ln a/b/f a/g && ln -s g a/h && mkfifo a/p
                        chmod 700 a/b && chown "$(id -u)" a/b/f && touch -d 2001-01-01 a/g
                        tar -czf a.tar.gz a && mkdir c && tar -xzpf a.tar.gz -C c
                        cp -a c/a d && install -m 755 d/g e && sync && cat d/h
                        """,
                        "1"),
                Arguments.of(
                        "npm",
                        """
                        export HOME=/work npm_config_update_notifier=false
                        npm init -y > /dev/null && npm pack --silent
                        """,
                        "work-1.0.0.tgz"));
    }

    @ParameterizedTest
    @MethodSource("builds")
    void toolsOfABuildWorkUnderBuild(String tool, String script, String said) {
        Host.needsProgram(tool, tool);
        Sandbox.Builder builder = Toolchain.C.sandbox().syscalls(SyscallPolicy.build());
        assertThat(run(builder, "/bin/sh", "-ec", script)).printed(said + "\n").exited(0);
    }

    /// The twin of serving: a submission has no such sockets, and its runtime says so.
    @ParameterizedTest
    @EnumSource(names = {"PYTHON", "NODE", "JAVA_25", "GO"})
    void doesNotServeUnderJudge(Toolchain tools) {
        tools.needed();
        Sandbox.Builder builder = tools.sandbox().syscalls(SyscallPolicy.judge());
        var result = run(builder, tools.command("serve"));
        int panic = 2;
        assertThat(result)
                .exited(tools == Toolchain.GO ? panic : 1)
                .text()
                .startsWith(Toolchain.OUTPUT)
                .doesNotContain("pong");
        assertThat(result.stderrText()).containsIgnoringCase("address family not supported");
    }
}
