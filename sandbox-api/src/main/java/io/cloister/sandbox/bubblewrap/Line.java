package io.cloister.sandbox.bubblewrap;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A command line cut into options and the words of the command.
record Line(List<Given> options, List<String> command) {

    static Line read(List<String> words, BubblewrapCaller caller) {
        List<Given> options = new ArrayList<>();
        int end = read(words, "", options, caller);
        List<String> command = words.subList(end, words.size());
        if (command.isEmpty()) {
            throw new IllegalArgumentException("no command stands after the options");
        }
        return new Line(options, command);
    }

    /// Up to the first word that is no option; returns its index.
    private static int read(
            List<String> words, String source, List<Given> options, BubblewrapCaller caller) {
        int at = 0;
        while (at < words.size()) {
            String word = words.get(at);
            String place = "word " + (at + 1) + source;
            if (word.equals("--")) {
                return at + 1;
            }
            if (!word.startsWith("-")) {
                return at;
            }
            Option option =
                    Option.find(word)
                            .orElseThrow(() ->
                                    new IllegalArgumentException(
                                            "%s (%s): unknown option of bubblewrap"
                                                    .formatted(Given.quoted(word), place)));
            int next = at + 1 + option.arity();
            if (next > words.size()) {
                throw new Given(option, List.of(), place).refused("needs " + count(option.arity()));
            }
            Given given = new Given(option, List.copyOf(words.subList(at + 1, next)), place);
            if (option == Option.ARGS) {
                expand(given, source, options, caller);
            } else {
                options.add(given);
            }
            at = next;
        }
        return at;
    }

    private static String count(int arguments) {
        return arguments == 1 ? "an argument" : arguments + " arguments";
    }

    /// Words that end with a NUL each, in a descriptor.
    private static void expand(
            Given given, String source, List<Given> options, BubblewrapCaller caller) {
        if (!source.isEmpty()) {
            throw given.refused("cannot stand in the arguments of another --args");
        }
        int descriptor = given.descriptor();
        String text = new String(caller.read(descriptor), StandardCharsets.UTF_8);
        List<String> words = new ArrayList<>(List.of(text.split("\0", -1)));
        if (words.getLast().isEmpty()) {
            words.removeLast();
        }
        int end = read(words, " of descriptor " + descriptor, options, caller);
        if (end < words.size()) {
            throw given.refused(
                    "word %d of descriptor %d is no option, was %s; the command stands on the command line"
                            .formatted(end + 1, descriptor, Given.quoted(words.get(end))));
        }
    }
}
