package io.cloister.samples.judge.store;

/// Somebody who no longer holds a submission wanted to write about it. Nothing was written.
public final class SupersededException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SupersededException(Claim claim) {
        super(
                "attempt %d of %s at submission %d is no longer the latest, or it is judged already"
                        .formatted(claim.attempt(), claim.worker(), claim.job().submission()));
    }
}
