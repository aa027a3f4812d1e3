package io.cloister.sandbox.test.fake;

import io.cloister.sandbox.Bytes;
import io.cloister.sandbox.CopyOptions;
import io.cloister.sandbox.CopyReport;
import io.cloister.sandbox.SandboxFileException;
import io.cloister.sandbox.SandboxFileException.Reason;
import io.cloister.sandbox.SandboxPath;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// One copy between the files of a fake and those of the host, with its caps. Not thread-safe.
final class FakeCopy {
    private final String operation;
    private final CopyOptions options;
    private final List<CopyReport.Skipped> skipped = new ArrayList<>();
    private long files;
    private long directories;
    private long bytes;
    private long entries;

    FakeCopy(String operation, CopyOptions options) {
        this.operation = operation;
        this.options = options;
    }

    CopyReport report() {
        return new CopyReport(
                files, directories, 0, Bytes.of(bytes), skipped.size(), List.copyOf(skipped));
    }

    void in(FakeFiles target, Path outside, SandboxPath inside) {
        if (Files.isDirectory(outside, LinkOption.NOFOLLOW_LINKS)) {
            count(inside, 0);
            directories++;
            target.createDirectories(inside, FakeFiles.DEFAULT_DIRECTORY_MODE);
            try (Stream<Path> entries = Files.list(outside)) {
                for (Path entry : entries.sorted().toList()) {
                    in(target, entry, inside.resolve(entry.getFileName().toString()));
                }
            } catch (IOException e) {
                throw failed(outside.toString(), e);
            }
        } else if (Files.isRegularFile(outside, LinkOption.NOFOLLOW_LINKS)
                || !Files.exists(outside, LinkOption.NOFOLLOW_LINKS)) {
            byte[] content = FakeFiles.readHost(operation, outside);
            count(inside, content.length);
            files++;
            target.write(inside, content, FakeFiles.DEFAULT_FILE_MODE);
        } else if (options.others() == CopyOptions.Others.REFUSE) {
            throw new SandboxFileException(
                    operation,
                    outside.toString(),
                    Files.isSymbolicLink(outside) ? Reason.LINK : Reason.NOT_REGULAR,
                    0,
                    "leave it out, or use skipOthers()");
        } else {
            count(inside, 0);
            skipped.add(new CopyReport.Skipped(inside, "a fake keeps files and directories alone"));
        }
    }

    void out(Map<SandboxPath, FakeFiles.Node> tree, SandboxPath inside, Path outside) {
        if (Files.exists(outside, LinkOption.NOFOLLOW_LINKS) && !isEmptyDirectory(outside)) {
            throw new SandboxFileException(
                    operation, outside.toString(), Reason.EXISTS, 0, "nothing is overwritten");
        }
        // Whoever is over a cap has made nothing.
        tree.forEach((path, node) ->
                count(path, node.content().map(content -> content.length).orElse(0)));
        tree.forEach((path, node) -> write(hostPath(path, inside, outside), node));
    }

    private void write(Path target, FakeFiles.Node node) {
        try {
            if (node.content().isPresent()) {
                files++;
                Files.write(target, node.content().get());
            } else {
                directories++;
                Files.createDirectories(target);
            }
        } catch (IOException e) {
            throw failed(target.toString(), e);
        }
    }

    private static Path hostPath(SandboxPath path, SandboxPath inside, Path outside) {
        if (path.equals(inside)) {
            return outside;
        }
        return hostPath(path.parent().orElseThrow(), inside, outside).resolve(path.nameText());
    }

    private boolean isEmptyDirectory(Path path) {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            throw failed(path.toString(), e);
        }
    }

    private void count(SandboxPath path, long size) {
        entries++;
        bytes += size;
        if (bytes > options.maxBytes().value()) {
            throw new SandboxFileException(
                    operation,
                    path.toString(),
                    Reason.TOO_LARGE,
                    0,
                    "the cap is " + options.maxBytes());
        }
        if (entries > options.maxEntries()) {
            throw new SandboxFileException(
                    operation,
                    path.toString(),
                    Reason.TOO_MANY,
                    0,
                    "the cap is " + options.maxEntries() + " entries");
        }
    }

    private SandboxFileException failed(String path, IOException cause) {
        SandboxFileException failure =
                new SandboxFileException(operation, path, Reason.OTHER, 0, String.valueOf(cause));
        failure.initCause(cause);
        return failure;
    }
}
