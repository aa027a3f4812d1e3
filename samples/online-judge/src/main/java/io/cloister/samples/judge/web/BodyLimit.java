package io.cloister.samples.judge.web;

import io.cloister.samples.judge.work.JudgeProperties;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

import java.io.IOException;

/// Refuses bodies that are too long before anything reads them, and those that do not say how long
/// they are.
@Component
@ConditionalOnWebApplication
class BodyLimit extends OncePerRequestFilter {
    /// JSON writes a character of one byte with up to six: `\u0000`.
    private static final int LONGEST_ESCAPE = 6;

    private static final int AROUND_THE_SOURCE = 1024;

    private final long bytes;
    private final Refusal refusal;

    BodyLimit(JudgeProperties properties, Refusal refusal) {
        this.bytes = LONGEST_ESCAPE * properties.sourceLimit().toBytes() + AROUND_THE_SOURCE;
        this.refusal = refusal;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (request.getContentLengthLong() > bytes) {
            refusal.write(
                    response,
                    HttpStatus.CONTENT_TOO_LARGE,
                    "the request has %d bytes, and may have %d"
                            .formatted(request.getContentLengthLong(), bytes));
        } else if (request.getHeader("Transfer-Encoding") != null) {
            refusal.write(
                    response, HttpStatus.LENGTH_REQUIRED, "the request needs a Content-Length");
        } else {
            chain.doFilter(request, response);
        }
    }
}
