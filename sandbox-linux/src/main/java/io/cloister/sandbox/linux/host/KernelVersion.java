package io.cloister.sandbox.linux.host;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The first two numbers of a kernel release, such as 6.1 of `6.1.0-18-amd64` (uname(2)).
///
/// @param major the first
/// @param minor the second
record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {

    private static final Pattern RELEASE =
            Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})(?![0-9]).*");

    /// What a launch needs.
    static final KernelVersion NEEDED = new KernelVersion(5, 14);

    /// The version of a release; empty where the text is none.
    static Optional<KernelVersion> of(String release) {
        Matcher matcher = RELEASE.matcher(release.strip());
        return matcher.matches()
                ? Optional.of(
                        new KernelVersion(
                                Integer.parseInt(matcher.group(1)),
                                Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    /// Whether this is `other` or newer.
    boolean isAtLeast(KernelVersion other) {
        return compareTo(other) >= 0;
    }

    @Override
    public int compareTo(KernelVersion other) {
        return major != other.major
                ? Integer.compare(major, other.major)
                : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
