package io.cloister.sandbox.linux.standstill;

/// What one look at a thread tells. Two that are equal mean that it slept in the same call all the
/// time from one to the other: it cannot have run without another switch.
///
/// @param stage the stage that it is of
/// @param pid its process, as the host names it
/// @param tid its own id
/// @param program the name of its program, from the program itself
/// @param asleep whether it sleeps such that it can be woken (state `S`)
/// @param switches how often it was taken from a processor so far, by itself or by others
/// @param alarmable whether a timer may send it a signal that it handles
/// @param waitsFor what it waits for
public record ThreadLook(
        int stage,
        int pid,
        int tid,
        String program,
        boolean asleep,
        long switches,
        boolean alarmable,
        Wait waitsFor) {}
