package io.cloister.sandbox.linux.cgroup;

import java.util.BitSet;

/// Lists of CPUs and memory nodes: `0-1,3` (cpuset(7), "List format").
final class NumberList {

    private NumberList() {}

    /// The numbers; of a text that is no list, those that can be read.
    static BitSet parse(String text) {
        BitSet numbers = new BitSet();
        for (String part : text.strip().split(",")) {
            if (part.matches("[0-9]{1,6}(-[0-9]{1,6})?")) {
                String[] ends = part.split("-");
                int first = Integer.parseInt(ends[0]);
                int last = Integer.parseInt(ends[ends.length - 1]);
                numbers.set(first, Math.max(first, last) + 1);
            }
        }
        return numbers;
    }
}
