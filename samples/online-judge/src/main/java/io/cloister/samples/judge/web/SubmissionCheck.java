package io.cloister.samples.judge.web;

import io.cloister.samples.judge.engine.Submission;
import io.cloister.samples.judge.work.Catalogue;
import io.cloister.samples.judge.work.JudgeProperties;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;

/// Makes a submission of a request, or says what is wrong with it.
@Component
@ConditionalOnWebApplication
class SubmissionCheck {
    private final Catalogue catalogue;
    private final long sourceBytes;

    SubmissionCheck(Catalogue catalogue, JudgeProperties properties) {
        this.catalogue = catalogue;
        this.sourceBytes = properties.sourceLimit().toBytes();
    }

    /// {@return the submission}
    ///
    /// @throws Problem if there is none such
    Submission check(SubmissionRequest request) {
        return new Submission(
                known("problem", request.problem(), catalogue.problems()),
                known("language", request.language(), catalogue.languages()),
                source(request.source()));
    }

    private static String known(String field, @Nullable String value, Set<String> values) {
        String name = present(field, value);
        if (!values.contains(name)) {
            throw new Problem(
                            HttpStatus.UNPROCESSABLE_CONTENT,
                            "there is no %s \"%s\"".formatted(field, shortened(name)))
                    .with("field", field)
                    .with("known", new TreeSet<>(values));
        }
        return name;
    }

    private String source(@Nullable String value) {
        String source = present("source", value);
        long bytes = source.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > sourceBytes) {
            throw new Problem(
                            HttpStatus.CONTENT_TOO_LARGE,
                            "the source has %d bytes, and may have %d"
                                    .formatted(bytes, sourceBytes))
                    .with("field", "source");
        }
        if (source.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(source)) {
            throw new Problem(
                            HttpStatus.UNPROCESSABLE_CONTENT,
                            "the source is no text: it has a NUL character, or half of a surrogate"
                                    + " pair")
                    .with("field", "source");
        }
        return source;
    }

    private static String present(String field, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw new Problem(HttpStatus.BAD_REQUEST, "the field \"" + field + "\" is missing")
                    .with("field", field);
        }
        return value;
    }

    private static String shortened(String name) {
        return name.length() > 40 ? name.substring(0, 40) + "..." : name;
    }
}
