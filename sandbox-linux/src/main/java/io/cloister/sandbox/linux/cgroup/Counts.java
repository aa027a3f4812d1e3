package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.linux.limit.Metric;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// Reads what the kernel writes into files of control groups.
final class Counts {

    private Counts() {}

    /// The number that a file holds and nothing else; empty for `max`.
    static Optional<Long> number(String text) {
        String number = text.strip();
        return number.isEmpty() || number.charAt(0) < '0' || number.charAt(0) > '9'
                ? Optional.empty()
                : Optional.of(Long.parseLong(number));
    }

    /// The number after `key` in a text of lines `key number`.
    static Optional<Long> keyed(String text, String key) {
        for (int at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
            int end = at + key.length();
            boolean startsLine = at == 0 || text.charAt(at - 1) == '\n';
            if (startsLine && end < text.length() && text.charAt(end) == ' ') {
                int newline = text.indexOf('\n', end);
                return number(text.substring(end, newline < 0 ? text.length() : newline));
            }
        }
        return Optional.empty();
    }

    /// The sum of `key=number` over all lines of io.stat: `8:0 rbytes=1 wbytes=2 ...`. A line of a
    /// device that was not used has a name and no numbers.
    static long sumOfPairs(String text, String key) {
        String prefix = key + "=";
        return text.lines()
                .flatMap(line -> Arrays.stream(line.split(" ")))
                .filter(word -> word.startsWith(prefix))
                .mapToLong(word -> Long.parseLong(word.substring(prefix.length())))
                .sum();
    }

    /// The sum over all devices of a text of blkio: `8:0 Read 123`.
    static long sumOfDevices(String text, String operation) {
        return text.lines()
                .map(line -> line.split(" "))
                .filter(words -> words.length == 3 && words[1].equals(operation))
                .mapToLong(words -> Long.parseLong(words[2]))
                .sum();
    }

    /// The total of a line of pressure: `some avg10=0.00 avg60=0.00 avg300=0.00 total=123`, in
    /// nanoseconds.
    static Optional<Long> pressure(String text, String line) {
        return text.lines()
                .filter(l -> l.startsWith(line + " "))
                .map(l -> Long.parseLong(l.substring(l.indexOf("total=") + "total=".length())))
                .map(micros -> micros * 1000)
                .findFirst();
    }

    /// Puts a value that is there.
    static void put(Map<Metric, Long> values, Metric metric, Optional<Long> value) {
        value.ifPresent(v -> values.put(metric, v));
    }
}
