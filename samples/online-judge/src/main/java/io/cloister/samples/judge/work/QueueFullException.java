package io.cloister.samples.judge.work;

/// So many submissions wait for a verdict that no more are taken. Nothing was stored.
public final class QueueFullException extends RuntimeException {
    private static final long serialVersionUID = 1;

    QueueFullException(long most) {
        super(most + " submissions wait for a verdict, and no more may; try again later");
    }
}
