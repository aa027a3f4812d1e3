package io.cloister.sandbox.learn;

import io.cloister.sandbox.Command;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.Outcome;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.SyscallRule;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Writes Java.
final class PolicySource {

    private static final int WIDTH = 100;
    private static final long INT = 0xffffffffL;

    private PolicySource() {}

    /// An expression for `policy`. The calls that are simply open at its head are a list.
    static String of(SyscallPolicy policy) {
        List<SyscallRule> opened = new ArrayList<>();
        List<SyscallRule> others = new ArrayList<>();
        for (SyscallRule rule : policy.rules()) {
            boolean plain =
                    others.isEmpty()
                            && rule.tests().isEmpty()
                            && rule.reason().isEmpty()
                            && rule.action() instanceof SyscallAction.Allow;
            (plain ? opened : others).add(rule);
        }
        StringBuilder out = new StringBuilder();
        out.append("SyscallPolicy.of(").append(action(policy.otherwise())).append(")");
        out.append("\n        .unknown(").append(action(policy.unknown())).append(")");
        if (!others.isEmpty()) {
            out.append("\n        .first(\n                List.of(\n")
                    .append(
                            others.stream()
                                    .map(rule -> " ".repeat(24) + rule(rule))
                                    .collect(Collectors.joining(",\n")))
                    .append("))");
        }
        if (!opened.isEmpty()) {
            out.append("\n        .allow(\n").append(wrapped(opened)).append(")");
        }
        if (!policy.flags().isEmpty()) {
            out.append("\n        .flags(Set.of(")
                    .append(
                            policy.flags().stream()
                                    .map(flag -> "FilterFlag." + flag.name())
                                    .collect(Collectors.joining(", ")))
                    .append("))");
        }
        return out.append("\n").toString();
    }

    private static String wrapped(List<SyscallRule> rules) {
        String indent = " ".repeat(16);
        StringBuilder out = new StringBuilder();
        StringBuilder line = new StringBuilder(indent);
        for (int i = 0; i < rules.size(); i++) {
            String word =
                    "Syscall." + rules.get(i).call().name() + (i + 1 < rules.size() ? "," : "");
            if (line.length() + word.length() + 1 > WIDTH) {
                out.append(line).append('\n');
                line = new StringBuilder(indent);
            }
            line.append(line.length() == indent.length() ? "" : " ").append(word);
        }
        return out.append(line).toString();
    }

    private static String rule(SyscallRule rule) {
        return Stream.concat(
                        Stream.of(
                                "Syscall." + rule.call().name(),
                                action(rule.action()),
                                literal(rule.reason())),
                        rule.tests().stream().map(PolicySource::test))
                .collect(Collectors.joining(", ", "SyscallRule.of(", ")"));
    }

    private static String test(ArgumentTest test) {
        boolean equal = test.relation() == ArgumentTest.Relation.EQUAL;
        if (equal && test.mask() == INT) {
            return "ArgumentTest.intIs(%d, 0x%x)".formatted(test.index(), (int) test.value());
        }
        return "new ArgumentTest(%d, 0x%xL, ArgumentTest.Relation.%s, 0x%xL)"
                .formatted(test.index(), test.mask(), test.relation(), test.value());
    }

    private static String action(SyscallAction action) {
        return switch (action) {
            case SyscallAction.Fail(int errno) ->
                    Errno.numbered(errno)
                            .map(known -> "SyscallAction.fail(Errno." + known + ")")
                            .orElse("new SyscallAction.Fail(" + errno + ")");
            case SyscallAction.Kill _ -> "SyscallAction.KILL";
            case SyscallAction.Trap _ -> "SyscallAction.TRAP";
            case SyscallAction.Notify _ -> "SyscallAction.NOTIFY";
            case SyscallAction.Log _ -> "SyscallAction.LOG";
            case SyscallAction.Allow _ -> "SyscallAction.ALLOW";
        };
    }

    /// @param outcome how the program is to end
    static String test(String className, Path policy, Command command, Outcome outcome) {
        String words =
                Stream.concat(Stream.of(command.program()), command.arguments().stream())
                        .map(PolicySource::literal)
                        .collect(Collectors.joining(", "));
        return """
        import static org.junit.jupiter.api.Assertions.assertEquals;

        import io.cloister.sandbox.Command;
        import io.cloister.sandbox.Sandbox;
        import io.cloister.sandbox.SandboxResult;
        import io.cloister.sandbox.SandboxSpec;

        import org.junit.jupiter.api.Test;

        import java.nio.file.Path;

        /// Fails when the program ends otherwise than it did when its policy was learned, for example
        /// since it makes a system call that the policy does not know.
        class %s {

            @Test
            void theProgramFitsItsPolicy() throws InterruptedException {
                SandboxSpec policy = SandboxSpec.read(Path.of(%s));
                try (Sandbox sandbox = Sandbox.of(policy)) {
                    SandboxResult result = sandbox.run(Command.of(%s));
                    assertEquals(
                            %s,
                            result.outcome().toString(),
                            () -> result.evidence() + " " + result.stderrText());
                }
            }
        }
        """
                .formatted(
                        className, literal(policy.toString()), words, literal(outcome.toString()));
    }

    /// A string literal.
    private static String literal(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                default -> {
                    if (c < ' ' || c > '~') {
                        // A control character by number would be read before the literal is.
                        out.append((c < ' ' ? "\\%03o" : "\\u%04x").formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }
}
