package io.cloister.sandbox.learn;

import io.cloister.sandbox.syscall.ArgumentTest;
import io.cloister.sandbox.syscall.Syscall;
import io.cloister.sandbox.syscall.SyscallAction;
import io.cloister.sandbox.syscall.SyscallRule;

import java.util.List;

/// A call as it was made, with the arguments that matter.
///
/// @param call the call
/// @param tests what its arguments that matter were; empty if none matters
/// @param action what the policy under which the program ran says to it
public record SeenCall(Syscall call, List<ArgumentTest> tests, SyscallAction action) {

    /// Copies.
    public SeenCall {
        tests = List.copyOf(tests);
    }

    /// {@return the rule by which the same call gets the same again}
    SyscallRule rule() {
        return new SyscallRule(call, tests, action, "");
    }
}
