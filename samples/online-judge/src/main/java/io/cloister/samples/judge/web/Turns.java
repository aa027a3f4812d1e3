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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Lets so many requests ask the database at once. Each has a thread, of which there are as many as
/// clients want; without this they would take all connections, and workers that get none lose what
/// they judge.
@Component
@ConditionalOnWebApplication
class Turns extends OncePerRequestFilter {
    private static final long PATIENCE_SECONDS = 2;

    private final Semaphore turns;
    private final Refusal refusal;

    Turns(JudgeProperties properties, Refusal refusal) {
        this.turns = new Semaphore(properties.requests(), true);
        this.refusal = refusal;
    }

    void acquire() throws InterruptedException {
        turns.acquire();
    }

    void release() {
        turns.release();
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (!isTaken()) {
            refusal.write(
                    response,
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "too many requests are being answered; try again later");
            return;
        }
        try {
            chain.doFilter(request, response);
        } finally {
            turns.release();
        }
    }

    private boolean isTaken() {
        try {
            return turns.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
