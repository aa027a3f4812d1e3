package io.cloister.sandbox.learn;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.FilterFlag;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/// What is written is compiled.
class PolicySourceTest {

    @TempDir Path directory;

    private Class<?> compiled(String name, String source) throws Exception {
        Path file = Files.writeString(directory.resolve(name + ".java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String path = System.getProperty("java.class.path") + ":" + modulePath();
        int status =
                compiler.run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        path,
                        "-d",
                        directory.toString(),
                        file.toString());
        assertThat(status).isZero();
        URL[] urls = {directory.toUri().toURL()};
        return new URLClassLoader(urls, getClass().getClassLoader()).loadClass(name);
    }

    private static String modulePath() {
        String modules = System.getProperty("jdk.module.path", "");
        return modules
                + ":"
                + SyscallPolicy.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    }

    @Test
    void theJavaOfAPolicyMakesIt() throws Exception {
        SyscallPolicy policy =
                SyscallPolicy.of(SyscallAction.KILL)
                        .first(
                                List.of(
                                        SyscallRule.of(
                                                Syscall.IOCTL,
                                                SyscallAction.ALLOW,
                                                "a \"quoted\" \\\\ r\u00e9ason",
                                                ArgumentTest.intIs(1, -1)),
                                        SyscallRule.of(
                                                Syscall.SOCKET,
                                                new SyscallAction.Fail(4000),
                                                "",
                                                ArgumentTest.longIsBelow(2, Long.MIN_VALUE)),
                                        SyscallRule.of(
                                                Syscall.CLONE3,
                                                SyscallAction.fail(Errno.ENOSYS),
                                                ""),
                                        SyscallRule.of(Syscall.IOCTL, SyscallAction.ALLOW, "")))
                        .allow(Syscall.READ, Syscall.WRITE, Syscall._SYSCTL)
                        .flags(Set.of(FilterFlag.LOG, FilterFlag.SPEC_ALLOW));
        Class<?> made =
                compiled(
                        "Made",
                        """
                        import io.cloister.sandbox.Errno;
                        import io.cloister.sandbox.syscall.*;
                        import java.util.*;

                        public class Made {
                            public static SyscallPolicy policy() {
                                return %s;
                            }
                        }
                        """
                                .formatted(PolicySource.of(policy)));
        assertThat(made.getMethod("policy").invoke(null)).isEqualTo(policy);
    }

    @Test
    void theTestIsJava() throws Exception {
        String source =
                PolicySource.test(
                        "FitsTest",
                        Path.of("a \"b\".json"),
                        Command.of("echo", "tab\t, line\n, euro \u20ac, \\u0022"),
                        new Outcome.Exited(3));
        assertThat(compiled("FitsTest", source).getDeclaredMethods())
                .anyMatch(method -> method.getName().equals("theProgramFitsItsPolicy"));
    }

    @Test
    void longListsAreWrapped() throws IOException {
        SyscallPolicy policy = SyscallPolicy.of(SyscallAction.KILL).allow(Syscall.values());
        assertThat(PolicySource.of(policy).lines())
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(101));
    }
}
