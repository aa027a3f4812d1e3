/// What is known of submissions, in PostgreSQL: the submissions themselves, and what happened to
/// them, event by event. Says who may write, and wakes who waits for something to read. Knows
/// neither jobs nor the web. Entry types: [Submissions] and [Notifications].
@NullMarked
package io.cloister.samples.judge.store;

import org.jspecify.annotations.NullMarked;
