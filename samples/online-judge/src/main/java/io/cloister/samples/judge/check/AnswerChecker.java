package io.cloister.samples.judge.check;

import io.cloister.samples.judge.engine.Verdict;
import io.cloister.samples.judge.verdict.Finding;
import io.cloister.sandbox.VisibleText;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;

/// Compares an output with the answer as the default validator of ICPC packages does: token by
/// token, tokens being what stands between white space.
///
/// The right tokens with the wrong white space are a presentation error, where white space counts.
///
/// @param caseSensitive whether upper and lower case differ: flag `case_sensitive`
/// @param spaceSensitive whether white space must be the same: flag `space_change_sensitive`
/// @param relative how far a number may be off, as a part of the right one: flag
///   `float_relative_tolerance`, or `float_tolerance` for both
/// @param absolute how far a number may be off: flag `float_absolute_tolerance`
public record AnswerChecker(
        boolean caseSensitive,
        boolean spaceSensitive,
        OptionalDouble relative,
        OptionalDouble absolute) {
    private static final int SHOWN = 40;

    /// {@return a checker as flags of a problem package want it}
    ///
    /// @param flags the flags and their values
    /// @throws IllegalArgumentException if a flag is unknown, or its value missing or no tolerance
    public static AnswerChecker ofFlags(List<String> flags) {
        boolean caseSensitive = false;
        boolean spaceSensitive = false;
        OptionalDouble relative = OptionalDouble.empty();
        OptionalDouble absolute = OptionalDouble.empty();
        for (Iterator<String> left = flags.iterator(); left.hasNext(); ) {
            String flag = left.next();
            switch (flag) {
                case "case_sensitive" -> caseSensitive = true;
                case "space_change_sensitive" -> spaceSensitive = true;
                case "float_tolerance" -> {
                    relative = tolerance(flag, left);
                    absolute = relative;
                }
                case "float_relative_tolerance" -> relative = tolerance(flag, left);
                case "float_absolute_tolerance" -> absolute = tolerance(flag, left);
                default -> throw new IllegalArgumentException("has the unknown flag " + flag);
            }
        }
        return new AnswerChecker(caseSensitive, spaceSensitive, relative, absolute);
    }

    private static OptionalDouble tolerance(String flag, Iterator<String> left) {
        OptionalDouble value = left.hasNext() ? Numbers.parse(left.next()) : OptionalDouble.empty();
        if (value.isEmpty() || value.getAsDouble() < 0) {
            throw new IllegalArgumentException(flag + " needs a number >= 0");
        }
        return value;
    }

    /// {@return whether an output is right} AC, WA or PE, with the place where they differ; nothing
    /// of the answer is told.
    ///
    /// @param output what the program wrote
    /// @param answer what the jury would answer
    public Finding compare(byte[] output, byte[] answer) {
        Tokens its = new Tokens(output);
        Tokens right = new Tokens(answer);
        boolean sameSpace = true;
        while (right.next()) {
            if (!its.next()) {
                return new Finding(Verdict.WA, "token %d is missing".formatted(right.number()));
            }
            if (!same(its.token(), right.token())) {
                return wrong(its, "wrong");
            }
            sameSpace &= its.space().equals(right.space());
        }
        if (its.next()) {
            return wrong(its, "one too many");
        }
        sameSpace &= its.space().equals(right.space());
        return sameSpace || !spaceSensitive
                ? Finding.ACCEPTED
                : new Finding(Verdict.PE, "the words are right, the white space is not");
    }

    private static Finding wrong(Tokens its, String what) {
        return new Finding(
                Verdict.WA,
                "token %d (line %d) is %s".formatted(its.number(), its.line(), what),
                "it is \"%s\"".formatted(shown(its.token())));
    }

    private boolean same(String its, String right) {
        if (relative.isPresent() || absolute.isPresent()) {
            OptionalDouble wanted = Numbers.parse(right);
            if (wanted.isPresent()) {
                OptionalDouble given = Numbers.parse(its);
                return given.isPresent() && near(given.getAsDouble(), wanted.getAsDouble());
            }
        }
        return its.equals(right) || !caseSensitive && lower(its).equals(lower(right));
    }

    /// Of ASCII alone: other bytes are parts of characters.
    private static String lower(String token) {
        StringBuilder lower = new StringBuilder(token);
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                lower.setCharAt(i, (char) (c + 'a' - 'A'));
            }
        }
        return lower.toString();
    }

    private boolean near(double given, double wanted) {
        double off = Math.abs(given - wanted);
        return given == wanted
                || absolute.isPresent() && off <= absolute.getAsDouble()
                || relative.isPresent() && off <= relative.getAsDouble() * Math.abs(wanted);
    }

    /// A token is read byte by byte, so that one that is no UTF-8 is still compared; it is shown as
    /// the text it may be.
    private static String shown(String token) {
        byte[] bytes = token.getBytes(StandardCharsets.ISO_8859_1);
        return VisibleText.line(new String(bytes, StandardCharsets.UTF_8), SHOWN);
    }
}
