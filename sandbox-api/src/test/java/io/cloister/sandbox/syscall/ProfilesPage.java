package io.cloister.sandbox.syscall;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Writes docs/profiles.md from the tables.
final class ProfilesPage {

    /// The profiles that have a filter.
    private static final List<SyscallProfile> PROFILES =
            Stream.of(SyscallProfile.values())
                    .filter(profile -> profile != SyscallProfile.UNFILTERED)
                    .toList();

    private static final int WIDTH = 100;

    private final StringBuilder text = new StringBuilder();
    private final UnaryOperator<String> example;

    private ProfilesPage(UnaryOperator<String> example) {
        this.example = example;
    }

    /// The page.
    ///
    /// @param example gives the code of a name
    static String text(UnaryOperator<String> example) {
        ProfilesPage page = new ProfilesPage(example);
        page.head();
        page.profiles();
        page.answers();
        page.docker();
        page.own();
        page.matrix();
        for (SyscallGroup group : SyscallGroup.values()) {
            page.group(group);
        }
        return page.text.toString();
    }

    private void head() {
        text.append(
                """
                # System-call profiles

                Which system calls each profile opens and closes, why, and what the program sees.
                Made from the tables in `io.cloister.sandbox.syscall` by `ProfilesPageTest`, which
                fails where this page is out of date. To write it anew:

                ```
                %s
                ```

                """
                        .formatted(ProfilesPageTest.COMMAND));
    }

    private void profiles() {
        text.append(
                """
                ## Profiles

                | profile | for | open | by arguments | closed | ends the run |
                |---|---|---|---|---|---|
                """);
        for (SyscallProfile profile : PROFILES) {
            SyscallPolicy policy = profile.policy();
            long open = count(policy, State.OPEN);
            long part = count(policy, State.BY_ARGUMENTS);
            long closed = count(policy, State.CLOSED);
            long kills =
                    Arrays.stream(Syscall.values())
                            .filter(call -> policy.decide(call).equals(SyscallAction.KILL))
                            .count();
            text.append(
                    "| `%s` | %s | %d | %d | %d | %s |%n"
                            .formatted(
                                    profile.label(),
                                    profile.purpose(),
                                    open,
                                    part,
                                    closed,
                                    kills == 0 ? "-" : "%d of them".formatted(kills)));
        }
        text.append('\n');
        paragraph(
                "`standard` is the default. It is a list of what is closed. The other three are"
                        + " lists of what is open: a call that a later version of the table brings"
                        + " stays closed until somebody has looked at it. `unfiltered` is no filter"
                        + " at all, not even against foreign ABIs. What `standard` closes, the"
                        + " other three close too.");
        text.append(
                """

                ```java
                Sandbox.builder().syscalls(SyscallPolicy.judge())
                ```

                ```
                ./sandbox run --syscalls judge --deny-syscall inotify_init1:ENOSYS -- ./solution
                ```

                """);
    }

    private void answers() {
        text.append("## What a program sees of a closed call\n\n");
        paragraph(
                "- `ENOSYS`, as from a kernel that lacks the call, where programs have a way"
                        + " around it. Also for each number that is no call of the table (Linux 7.0"
                        + " ends it), whatever the profile.");
        paragraph(
                "- `EPERM`, as the kernel itself answers a program without privileges, where"
                        + " programs know the call as one that takes some.");
        paragraph(
                "- Another error where programs ask for a feature, and that error says that it is"
                        + " not there: `EAFNOSUPPORT` for a family of sockets, `EOPNOTSUPP` for"
                        + " extended attributes.");
        paragraph(
                "- Nothing: the run ends with `PolicyViolated`. In `judge`, for what only an attack"
                        + " makes: no runtime, library or compiler makes these calls unless the"
                        + " program wants what they do.");
        paragraph(
                "- `SIGSYS`, and the end of the process, for a call of a foreign ABI: `int 0x80`,"
                        + " x32, 32-bit Arm. Its numbers mean other calls.");
        text.append('\n');
        paragraph(
                "A filter sees registers. Where the kernel takes an `int`, only the lower half of"
                        + " the register is compared. `arg0` is the first argument.");
        text.append('\n');
    }

    private void docker() {
        SyscallPolicy standard = SyscallPolicy.standard();
        text.append("## `standard` and Docker's default profile\n\n");
        paragraph(
                "Compared with `seccomp/default.json` of github.com/moby/profiles, for a container"
                        + " without added capabilities, in 2026.");
        text.append('\n');
        paragraph(
                "- Closed here and open there: "
                        + names(
                                Stream.of(Syscall.values())
                                        .filter(call -> !DockerDefault.closed().contains(call))
                                        .filter(call -> state(standard, call) == State.CLOSED)
                                        .toList())
                        + ".");
        paragraph(
                "- Open here and closed there: "
                        + names(
                                Stream.of(Syscall.values())
                                        .filter(call -> DockerDefault.closed().contains(call))
                                        .filter(call -> state(standard, call) != State.CLOSED)
                                        .toList())
                        + ". `unshare` is open for what a process owns, and closed for namespaces;"
                        + " `uprobe` is made by code that the kernel put there; the others are"
                        + " younger than that list, and harmless.");
        paragraph(
                "- Sockets: here four families are open, there all but some twenty numbers;"
                        + " `AF_VSOCK` and `AF_ALG` are closed in both.");
        paragraph(
                "- Only here: set-user-ID bits, leases, requests that type into terminals, and"
                        + " limits and scheduling of the first process are closed by arguments.");
        text.append('\n');
    }

    private void own() {
        text.append("## Own policies\n\n");
        paragraph(
                "A policy is a value; rules of a call are tried in their order, and the first that"
                        + " applies decides. So a profile is changed by rules in front of it.");
        code("changed");
        paragraph("Arguments are tested by bits.");
        code("argument");
        paragraph(
                "A policy can be made from nothing. Then nothing of what the profiles close by"
                        + " arguments is closed: this one lets a program make set-user-ID files"
                        + " and type into its terminal. To start from a profile is safer.");
        code("list");
        paragraph(
                "`policy.deciding(call, arguments)` tells which rule decides a call, and why it is"
                        + " there.");
        text.append('\n');
    }

    private void matrix() {
        text.append("## Groups\n\n");
        paragraph(
                "Every call is in one group. How many calls of it are open, or open for some"
                        + " arguments. What no line of a group names is open in `standard`.");
        text.append("\n| group | a program that calls them |");
        PROFILES.forEach(profile -> text.append(" `").append(profile.label()).append("` |"));
        text.append("\n|---|---|").append("---|".repeat(PROFILES.size())).append('\n');
        for (SyscallGroup group : SyscallGroup.values()) {
            text.append(
                    "| [`%s`](#%s) | %s |"
                            .formatted(
                                    group.label(),
                                    group.label().substring(1),
                                    group.description()));
            for (SyscallProfile profile : PROFILES) {
                text.append(' ').append(share(profile.policy(), group)).append(" |");
            }
            text.append('\n');
        }
        text.append('\n');
    }

    private static String share(SyscallPolicy policy, SyscallGroup group) {
        int size = group.calls().size();
        long open = group.calls().stream().filter(c -> state(policy, c) != State.CLOSED).count();
        return open == size ? "all" : open == 0 ? "none" : "%d of %d".formatted(open, size);
    }

    private void group(SyscallGroup group) {
        text.append("### `").append(group.label()).append("`\n\n");
        paragraph(
                "Linux has them since: "
                        + group.calls().stream()
                                .map(call ->
                                        call.since()
                                                .map(v -> call.label() + " " + v)
                                                .orElse(call.label() + " never"))
                                .collect(joining(", "))
                        + ".");
        text.append('\n');
        Map<Line, List<String>> lines = lines(group);
        text.append("| calls | in | answer | why |\n|---|---|---|---|\n");
        Set<String> opened = new HashSet<>();
        lines.forEach((line, calls) -> {
            boolean open = line.action.equals(SyscallAction.ALLOW);
            boolean whole = calls.size() == group.calls().size();
            boolean rest = open && !whole && calls.size() > group.calls().size() / 2;
            // What is closed in some profiles is in the others among the rest.
            if (!open || opened.add(line.reason) || calls.getFirst().contains("(")) {
                String names = rest ? "all others" : String.join(", ", calls);
                text.append(
                        "| %s | %s | %s | %s |%n"
                                .formatted(
                                        whole ? "all" : names,
                                        where(line.profiles),
                                        answer(line.action),
                                        line.reason));
            }
        });
        text.append('\n');
    }

    private static Map<Line, List<String>> lines(SyscallGroup group) {
        Map<Line, List<String>> lines = new LinkedHashMap<>();
        rows(group)
                .forEach((row, profiles) ->
                        lines.computeIfAbsent(
                                        new Line(profiles, row.action, row.reason),
                                        _ -> new ArrayList<>())
                                .add(row.call));
        return lines;
    }

    private record Row(String call, SyscallAction action, String reason) {}

    private record Line(List<SyscallProfile> profiles, SyscallAction action, String reason) {}

    /// What is closed comes first.
    private static Map<Row, List<SyscallProfile>> rows(SyscallGroup group) {
        Map<Row, List<SyscallProfile>> closed = new LinkedHashMap<>();
        Map<Row, List<SyscallProfile>> open = new LinkedHashMap<>();
        for (SyscallProfile profile : PROFILES) {
            for (SyscallRule rule : profile.policy().rules()) {
                if (group.calls().contains(rule.call())) {
                    boolean plain = rule.action().equals(SyscallAction.ALLOW);
                    (plain && rule.tests().isEmpty() ? open : closed)
                            .computeIfAbsent(
                                    new Row(call(rule), rule.action(), rule.reason()),
                                    _ -> new ArrayList<>())
                            .add(profile);
                }
            }
        }
        closed.putAll(open);
        return closed;
    }

    private static String call(SyscallRule rule) {
        String tests =
                rule.tests().stream().map(ArgumentTest::toString).collect(joining(", ", "(", ")"));
        return "`" + rule.call().label() + (rule.tests().isEmpty() ? "" : tests) + "`";
    }

    private static String where(List<SyscallProfile> profiles) {
        return profiles.equals(PROFILES)
                ? "all profiles"
                : profiles.stream().map(SyscallProfile::label).collect(joining(", "));
    }

    private static String answer(SyscallAction action) {
        return action.equals(SyscallAction.ALLOW)
                ? "open"
                : action.equals(SyscallAction.KILL) ? "**ends the run**" : "`" + action + "`";
    }

    private enum State {
        OPEN,
        BY_ARGUMENTS,
        CLOSED
    }

    private static State state(SyscallPolicy policy, Syscall call) {
        List<SyscallRule> rules =
                policy.rules().stream().filter(rule -> rule.call() == call).toList();
        boolean some =
                rules.stream().anyMatch(rule -> rule.action().equals(SyscallAction.ALLOW))
                        || (policy.otherwise().equals(SyscallAction.ALLOW)
                                && rules.stream().noneMatch(rule -> rule.tests().isEmpty()));
        boolean none = rules.stream().allMatch(rule -> rule.action().equals(SyscallAction.ALLOW));
        return !some ? State.CLOSED : none ? State.OPEN : State.BY_ARGUMENTS;
    }

    private static long count(SyscallPolicy policy, State state) {
        return Arrays.stream(Syscall.values()).filter(c -> state(policy, c) == state).count();
    }

    private static String names(Collection<Syscall> calls) {
        TreeSet<String> sorted = new TreeSet<>();
        calls.forEach(call -> sorted.add("`" + call.label() + "`"));
        return String.join(", ", sorted);
    }

    private void code(String name) {
        text.append("\n```java\n").append(example.apply(name)).append("```\n\n");
    }

    /// Breaks the line between words; those of a list are indented.
    private void paragraph(String line) {
        String indent = line.startsWith("- ") ? "  " : "";
        int column = 0;
        for (String word : line.split(" ")) {
            if (column > 0 && column + 1 + word.length() > WIDTH) {
                text.append('\n').append(indent);
                column = indent.length();
            } else if (column > 0) {
                text.append(' ');
                column++;
            }
            text.append(word);
            column += word.length();
        }
        text.append('\n');
    }
}
