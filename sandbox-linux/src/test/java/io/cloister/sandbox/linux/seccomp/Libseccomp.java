package io.cloister.sandbox.linux.seccomp;

import io.cloister.sandbox.linux.program.CpuArchitecture;
import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.ArgumentTest.Relation;
import io.cloister.sandbox.syscall.Syscall;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// libseccomp, to hold our filters against its own. Debian package: libseccomp-dev.
///
/// What it can be trusted with, as tried with version 2.5.4: one rule of a call with any tests;
/// several rules of a call whose tests are all for equality, of all or masked bits; several with
/// one test each, for equality or inequality. Given several `<` on an argument, or `!=` among
/// several tests of several rules, it answers wrongly or does not end. With conditions on several
/// calls it may merge parts of its program that look alike and expect different arguments.
final class Libseccomp {

    private static final int PATIENCE_SECONDS = 120;

    private static final Libseccomp COMPILED = new Libseccomp();

    private final Path program;
    private final String refused;

    /// A rule as libseccomp takes it.
    ///
    /// @param answer the value of the action
    /// @param name the call
    /// @param tests at most one for each argument
    record Rule(int answer, String name, List<ArgumentTest> tests) {}

    /// What a filter is made of.
    ///
    /// @param otherwise the value of the default action
    /// @param tree whether it looks for the call in a binary tree
    record Request(CpuArchitecture cpu, int otherwise, boolean tree, List<Rule> rules) {}

    private Libseccomp() {
        try {
            Path directory = Files.createTempDirectory("libseccomp");
            program = directory.resolve("filters");
            refused = compile(directory);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String compile(Path directory) throws IOException {
        Files.writeString(directory.resolve("filters.c"), LibseccompSource.TEXT);
        Process compiler;
        try {
            compiler =
                    new ProcessBuilder("gcc", "-O1", "-o", "filters", "filters.c", "-lseccomp")
                            .directory(directory.toFile())
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            return "no gcc here: install the Debian package gcc";
        }
        String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (compiler.onExit().join().exitValue() == 0) {
            return "";
        }
        if (said.contains("seccomp.h: No such file") || said.contains("cannot find -lseccomp")) {
            return "no libseccomp here: install the Debian package libseccomp-dev";
        }
        throw new IllegalStateException("the program does not compile:\n" + said);
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The numbers of calls, below 0 where it knows none.
    static List<Integer> numbers(CpuArchitecture cpu, List<Syscall> calls) {
        StringBuilder text = new StringBuilder();
        calls.forEach(call ->
                text.append("number ")
                        .append(arch(cpu))
                        .append(' ')
                        .append(call.label())
                        .append('\n'));
        return answers(text).stream().map(Integer::valueOf).toList();
    }

    /// The filters for requests.
    static List<BpfProgram> filters(List<Request> requests) {
        StringBuilder text = new StringBuilder();
        for (Request request : requests) {
            text.append("filter ")
                    .append(arch(request.cpu()))
                    .append(' ')
                    .append(Integer.toHexString(request.otherwise()))
                    .append(request.tree() ? " 2 " : " 1 ")
                    .append(request.rules().size())
                    .append('\n');
            request.rules().forEach(rule -> append(text, rule));
        }
        List<BpfProgram> filters = new ArrayList<>();
        List<String> answers = answers(text);
        for (int i = 0; i < requests.size(); i++) {
            if (answers.get(i).startsWith("error")) {
                throw new IllegalStateException(refusal(answers.get(i), requests.get(i)));
            }
            filters.add(BpfProgram.decode(HexFormat.of().parseHex(answers.get(i))));
        }
        return filters;
    }

    /// An answer `error WHAT NUMBER`, with the rule where it names one.
    private static String refusal(String answer, Request request) {
        String[] words = answer.split(" ");
        return words[1].matches("\\d+")
                ? answer + ": " + request.rules().get(Integer.parseInt(words[1]))
                : answer;
    }

    private static void append(StringBuilder text, Rule rule) {
        text.append(Integer.toHexString(rule.answer()))
                .append(' ')
                .append(rule.name())
                .append(' ')
                .append(rule.tests().size());
        for (ArgumentTest test : rule.tests()) {
            boolean whole = test.mask() == -1;
            if (!whole && test.relation() != Relation.EQUAL) {
                throw new IllegalArgumentException("libseccomp has no such test: " + test);
            }
            long first = whole ? test.value() : test.mask();
            text.append(
                    " %d %d %x %x".formatted(test.index(), operator(test), first, test.value()));
        }
        text.append('\n');
    }

    /// `enum scmp_compare` of seccomp.h.
    private static int operator(ArgumentTest test) {
        return switch (test.relation()) {
            case NOT_EQUAL -> 1;
            case LESS -> 2;
            case AT_MOST -> 3;
            case EQUAL -> test.mask() == -1 ? 4 : 7;
            case AT_LEAST -> 5;
            case GREATER -> 6;
        };
    }

    /// Its names for architectures are the numbers of the audit system.
    private static String arch(CpuArchitecture cpu) {
        return Integer.toHexString(SyscallTable.of(cpu).auditArchitecture());
    }

    private static List<String> answers(CharSequence requests) {
        Assumptions.assumeTrue(COMPILED.refused.isEmpty(), COMPILED.refused);
        Path directory = COMPILED.program.getParent();
        try {
            Path in = Files.createTempFile(directory, "in", "");
            Path out = Files.createTempFile(directory, "out", "");
            Files.writeString(in, requests);
            Process process =
                    new ProcessBuilder(COMPILED.program.toString())
                            .redirectInput(in.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("libseccomp does not end");
            }
            if (process.exitValue() != 0) {
                throw new IllegalStateException("exit status " + process.exitValue());
            }
            return Files.readAllLines(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
