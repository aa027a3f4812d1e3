package io.cloister.sandbox.linux.files;

import static io.cloister.sandbox.linux.program.Linux.S_IFDIR;

import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.CopyReport;
import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SandboxPath;
import io.cloister.sandbox.linux.ffm.FileFacts;
import io.cloister.sandbox.linux.ffm.TreeCalls;

import java.util.ArrayList;
import java.util.List;

/// Brings a file or a tree to its place on the host, as a whole or not at all. One use.
final class CopyOut {

    private static final String OPERATION = TreeCopy.operation(false);
    private static final TreeCalls HOST = TreeCalls.asSelf();

    private static final int OWNER_ONLY = 0700;
    private static final int HOST_PERMISSIONS = 0755;

    private final HostPlace place;
    private final TreeCopy copy;
    private final String source;

    CopyOut(HostPlace place, TreeCalls inside, CopyOptions options, SandboxPath path) {
        this.place = place;
        source = path.toString();
        copy = TreeCopy.outwards(inside, options, source);
    }

    /// @param reference what is copied
    CopyReport copy(int reference) {
        FileFacts facts = FileFacts.of(reference);
        FileErrors.check(OPERATION, source, facts.result());
        Content.checkFileSystem(OPERATION, source, reference);
        try (Descriptor parent = place.openParent(OPERATION)) {
            boolean isTree = facts.type() == S_IFDIR;
            checkFree(parent.fd(), isTree);
            if (isTree) {
                tree(reference, facts, parent.fd());
            } else {
                Content.checkFile(OPERATION, source, reference);
                copy.file(reference, facts, parent.fd(), place.name(), SandboxPath.ROOT);
            }
        }
        return copy.report();
    }

    /// Told before the work, not after it; whether it still is free the kernel tells at the end.
    private void checkFree(int parent, boolean isTree) {
        FileFacts there = HOST.facts(parent, place.name());
        if (Errno.ENOENT.is(there.result())) {
            return;
        }
        check(there.result());
        if (!isTree || there.type() != S_IFDIR) {
            check(Errno.EEXIST.negated());
        }
        try (Descriptor listing =
                Descriptor.of(OPERATION, place.shown(), HOST.openDirectory(parent, place.name()))) {
            List<String> names = new ArrayList<>();
            while (names.isEmpty() && check(HOST.list(listing.fd(), names)) > 0) {}
            if (!names.isEmpty()) {
                check(Errno.ENOTEMPTY.negated());
            }
        }
    }

    private void tree(int reference, FileFacts facts, int parent) {
        String staging = Names.fresh(".cloister-copy-");
        int mode = facts.permissions() & HOST_PERMISSIONS | OWNER_ONLY;
        check(HOST.makeDirectory(parent, staging, mode));
        boolean done = false;
        try (Descriptor target =
                Descriptor.of(OPERATION, place.shown(), HOST.referDirectory(parent, staging))) {
            copy.contents(reference, target.fd(), SandboxPath.ROOT, 1);
            check(HOST.changeTime(target.fd(), facts.modified()));
            check(HOST.rename(parent, staging, parent, place.name()));
            done = true;
        } finally {
            if (!done) {
                TreeRemoval.remove(parent, staging);
            }
        }
    }

    private int check(int result) {
        return FileErrors.check(OPERATION, place.shown(), result);
    }
}
