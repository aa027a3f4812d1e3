package io.cloister.sandbox.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class UndoTest {

    private final List<String> undone = new ArrayList<>();
    private final Undo undo = new Undo();

    private void add(String name) {
        undo.add(() -> undone.add(name));
    }

    private RuntimeException addFailing(String name) {
        RuntimeException failure = new IllegalStateException(name);
        undo.add(() -> {
            undone.add(name);
            throw failure;
        });
        return failure;
    }

    @Test
    void theLatestIsUndoneFirst() {
        add("1");
        add("2");
        add("3");
        undo.run();
        assertThat(undone).containsExactly("3", "2", "1");
    }

    @Test
    void whatIsUndoneIsNotUndoneAgain() {
        add("1");
        undo.run();
        undo.run(new IllegalStateException());
        add("2");
        undo.run();
        assertThat(undone).containsExactly("1", "2");
    }

    @Test
    void aCauseKeepsWhatGoesWrongAndTheRestIsStillUndone() {
        add("1");
        RuntimeException second = addFailing("2");
        add("3");
        RuntimeException fourth = addFailing("4");
        RuntimeException cause = new IllegalArgumentException("cause");
        undo.run(cause);
        assertThat(undone).containsExactly("4", "3", "2", "1");
        assertThat(cause.getSuppressed()).containsExactly(fourth, second);
    }

    @Test
    void anErrorIsACauseToo() {
        add("1");
        RuntimeException second = addFailing("2");
        Error cause = new LinkageError("cause");
        undo.run(cause);
        assertThat(undone).containsExactly("2", "1");
        assertThat(cause.getSuppressed()).containsExactly(second);
    }

    @Test
    void nothingToUndoIsNothing() {
        RuntimeException cause = new IllegalArgumentException("cause");
        undo.run();
        undo.run(cause);
        assertThat(cause.getSuppressed()).isEmpty();
    }
}
