package io.cloister.samples.judge.web;

import io.cloister.samples.judge.work.JudgeProperties;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;

/// Knows who may ask for another verdict: who sends the token. No page of another site can, since
/// browsers do not send that header for it.
@Component
@ConditionalOnWebApplication
class Administrator {
    private static final Logger LOG = LoggerFactory.getLogger(Administrator.class);
    private static final int TOKEN_BYTES = 16;

    private final byte[] header;

    Administrator(JudgeProperties properties) {
        String token = properties.administratorToken();
        if (token.isBlank()) {
            token = random();
            LOG.info("rejudges need the header Authorization: Bearer {}", token);
        }
        header = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    }

    private static String random() {
        byte[] bytes = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /// Throws if a request is not the administrator's.
    ///
    /// @param authorization that header; null if there is none
    /// @throws Problem if it is not
    void check(@Nullable String authorization) {
        if (authorization == null
                || !MessageDigest.isEqual(header, authorization.getBytes(StandardCharsets.UTF_8))) {
            throw new Problem(
                    HttpStatus.UNAUTHORIZED,
                    "this needs the header \"Authorization: Bearer TOKEN\" with the token that the"
                            + " server said when it started");
        }
    }
}
