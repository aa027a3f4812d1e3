package io.cloister.sandbox.linux.files;

import static io.cloister.sandbox.linux.program.Linux.O_RDONLY;
import static io.cloister.sandbox.linux.program.Linux.S_IFDIR;
import static io.cloister.sandbox.linux.program.Linux.S_IFLNK;
import static io.cloister.sandbox.linux.program.Linux.S_IFREG;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.CopyOptions.Others;
import io.cloister.sandbox.CopyReport;
import io.cloister.sandbox.CopyReport.Skipped;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.linux.ffm.FileFacts;
import io.cloister.sandbox.linux.ffm.TreeCalls;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/// Copies a tree, from descriptor to descriptor. One use.
///
/// Each name is opened once, without following it and without reading from it; what it is, is asked
/// of that descriptor, and that same file is read. So it does not matter what a program does to the
/// names meanwhile.
final class TreeCopy {

    /// Bounds the descriptors: four for each.
    static final int MAX_DEPTH = 128;

    private static final int MOST_SKIPPED = 1000;
    private static final int PERMISSIONS = 0777;

    /// What others may do with what is made on the host.
    private static final int HOST_PERMISSIONS = 0755;

    private static final int OWN_FILE = 0600;
    private static final int OWN_DIRECTORY = 0700;

    private final TreeCalls from;
    private final TreeCalls to;
    private final boolean inwards;
    private final CopyOptions options;
    private final String operation;
    private final String source;
    private final List<Skipped> skipped = new ArrayList<>();
    private long files;
    private long directories;
    private long links;
    private long bytes;
    private long entries;
    private long skippedCount;

    private TreeCopy(
            TreeCalls from, TreeCalls to, boolean inwards, CopyOptions options, String source) {
        this.from = from;
        this.to = to;
        this.inwards = inwards;
        this.options = options;
        this.source = source;
        operation = operation(inwards);
    }

    static String operation(boolean inwards) {
        return inwards ? "copy in" : "copy out";
    }

    /// A copy into a sandbox.
    ///
    /// @param source where the copy comes from, for messages
    static TreeCopy inwards(TreeCalls to, CopyOptions options, String source) {
        return new TreeCopy(TreeCalls.asSelf(), to, true, options, source);
    }

    /// A copy out of a sandbox.
    ///
    /// @param source where the copy comes from, for messages
    static TreeCopy outwards(TreeCalls from, CopyOptions options, String source) {
        return new TreeCopy(from, TreeCalls.asSelf(), false, options, source);
    }

    CopyReport report() {
        return new CopyReport(files, directories, links, Bytes.of(bytes), skippedCount, skipped);
    }

    /// Copies a regular file.
    void file(int reference, FileFacts facts, int directory, String name, SandboxPath at) {
        count(at);
        String path = path(at);
        Content content = new Content(operation, path);
        long left = options.maxBytes().value() - bytes;
        int opened = from.reopen(reference, O_RDONLY);
        try (Descriptor input = Descriptor.of(operation, path, opened)) {
            IntConsumer copy =
                    fd -> {
                        bytes += content.copy(input.fd(), fd, facts.size(), left);
                        check(at, to.changeTime(fd, facts.modified()));
                    };
            int mode = facts.permissions() & PERMISSIONS;
            if (inwards) {
                new NewFile(to, operation).put(directory, name, path, mode, copy);
            } else {
                int hostMode = mode & HOST_PERMISSIONS | OWN_FILE;
                create(directory, name, hostMode, at, copy);
            }
        }
        files++;
    }

    /// On the host nothing is there yet, and nobody else writes there.
    private void create(int directory, String name, int mode, SandboxPath at, IntConsumer content) {
        boolean done = false;
        try (Descriptor file =
                Descriptor.of(operation, path(at), to.createFile(directory, name, mode))) {
            try {
                content.accept(file.fd());
                done = true;
            } finally {
                if (!done) {
                    to.removeFile(directory, name);
                }
            }
        }
    }

    /// Copies what is in a directory into another, which exists.
    void contents(int reference, int target, SandboxPath at, int depth) {
        if (depth > MAX_DEPTH) {
            throw FileErrors.of(
                    operation,
                    path(at),
                    Reason.TOO_MANY,
                    "it is more than %d directories deep".formatted(MAX_DEPTH));
        }
        directories++;
        try (Descriptor listing =
                Descriptor.of(operation, path(at), from.openDirectory(reference, "."))) {
            List<String> names = new ArrayList<>();
            while (check(at, from.list(listing.fd(), names)) > 0) {
                for (String name : names) {
                    entry(reference, name, target, at.resolve(Names.bytes(name)), depth);
                }
                names.clear();
            }
        }
    }

    private void entry(int parent, String name, int target, SandboxPath at, int depth) {
        int opened = from.refer(parent, name);
        if (Errno.ENOENT.is(opened)) {
            // It has gone since it was listed.
            return;
        }
        if (Errno.EXDEV.is(opened)) {
            count(at);
            other(at, "mount");
            return;
        }
        try (Descriptor reference = Descriptor.of(operation, path(at), opened)) {
            FileFacts facts = FileFacts.of(reference.fd());
            check(at, facts.result());
            switch (facts.type()) {
                case S_IFREG -> file(reference.fd(), facts, target, name, at);
                case S_IFDIR -> directory(reference.fd(), facts, target, name, at, depth);
                case S_IFLNK -> link(reference.fd(), target, name, at);
                default -> {
                    count(at);
                    other(at, Kinds.word(facts));
                }
            }
        }
    }

    private void directory(
            int reference, FileFacts facts, int parent, String name, SandboxPath at, int depth) {
        count(at);
        int mode = facts.permissions() & PERMISSIONS;
        int first = inwards ? OWN_DIRECTORY : mode & HOST_PERMISSIONS | OWN_DIRECTORY;
        int made = to.makeDirectory(parent, name, first);
        boolean isThere = inwards && Errno.EEXIST.is(made);
        if (!isThere) {
            check(at, made);
        }
        try (Descriptor target =
                Descriptor.of(operation, path(at), to.referDirectory(parent, name))) {
            contents(reference, target.fd(), at, depth + 1);
            if (inwards && !isThere) {
                check(at, to.changeMode(target.fd(), mode));
            }
            if (!isThere) {
                check(at, to.changeTime(target.fd(), facts.modified()));
            }
        }
    }

    private void link(int reference, int target, String name, SandboxPath at) {
        count(at);
        if (options.others() != Others.KEEP_LINKS) {
            other(at, "link");
            return;
        }
        StringBuilder text = new StringBuilder();
        check(at, from.readLink(reference, text));
        check(at, to.createLink(target, name, text.toString()));
        links++;
    }

    private void other(SandboxPath at, String what) {
        if (options.others() == Others.REFUSE) {
            throw FileErrors.of(
                    operation,
                    path(at),
                    what.equals("link") ? Reason.LINK : Reason.NOT_REGULAR,
                    "it is a %s, and these are refused; skipOthers() leaves them out"
                            .formatted(what));
        }
        skippedCount++;
        if (skipped.size() < MOST_SKIPPED) {
            skipped.add(new Skipped(at, what));
        }
    }

    private void count(SandboxPath at) {
        Interruption.check(operation, path(at));
        if (++entries > options.maxEntries()) {
            throw FileErrors.of(
                    operation,
                    path(at),
                    Reason.TOO_MANY,
                    "there are more than %d entries; allow more, or expect less"
                            .formatted(options.maxEntries()));
        }
    }

    private String path(SandboxPath at) {
        return at.isRoot() ? source : (source.equals("/") ? "" : source) + at;
    }

    private int check(SandboxPath at, int result) {
        return FileErrors.check(operation, path(at), result);
    }
}
