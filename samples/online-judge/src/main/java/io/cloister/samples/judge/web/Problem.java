package io.cloister.samples.judge.web;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/// A request that cannot be answered, as problem details (RFC 9457).
final class Problem extends ErrorResponseException {
    private static final long serialVersionUID = 1;

    Problem(HttpStatus status, String detail) {
        super(status, ProblemDetail.forStatusAndDetail(status, detail), null);
    }

    /// {@return this, with one more member}
    Problem with(String name, Object value) {
        getBody().setProperty(name, value);
        return this;
    }
}
