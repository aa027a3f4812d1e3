package io.cloister.sandbox.syscall;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Who answers the calls for which a policy has [SyscallAction#NOTIFY]. Immutable.
///
/// @param byCall the handlers of calls
/// @param others the handler of every other call; empty: there must be none
/// @param handling how long they may take, and the like
public record SyscallHandlers(
        Map<Syscall, SyscallHandler> byCall,
        Optional<SyscallHandler> others,
        SyscallHandling handling) {

    private static final SyscallHandlers NONE =
            new SyscallHandlers(Map.of(), Optional.empty(), SyscallHandling.standard());

    /// Copies.
    public SyscallHandlers {
        Map<Syscall, SyscallHandler> copy = new EnumMap<>(Syscall.class);
        copy.putAll(byCall);
        byCall = Collections.unmodifiableMap(copy);
        Objects.requireNonNull(others, "others");
        Objects.requireNonNull(handling, "handling");
    }

    /// {@return no handler}
    public static SyscallHandlers none() {
        return NONE;
    }

    /// {@return the handler of `call`; empty if there is none}
    ///
    /// @param call the call
    public Optional<SyscallHandler> of(Syscall call) {
        return Optional.ofNullable(byCall.get(call)).or(() -> others);
    }

    /// {@return these, with a handler for `call`}
    ///
    /// @param call the call
    /// @param handler who answers it
    public SyscallHandlers with(Syscall call, SyscallHandler handler) {
        Map<Syscall, SyscallHandler> more = new EnumMap<>(Syscall.class);
        more.putAll(byCall);
        more.put(Objects.requireNonNull(call, "call"), Objects.requireNonNull(handler, "handler"));
        return new SyscallHandlers(more, others, handling);
    }

    /// {@return these, with a handler for every other call}
    ///
    /// @param handler who answers them
    public SyscallHandlers withOthers(SyscallHandler handler) {
        return new SyscallHandlers(byCall, Optional.of(handler), handling);
    }

    /// {@return these, with other times and numbers}
    ///
    /// @param how how calls are answered
    public SyscallHandlers handled(SyscallHandling how) {
        return new SyscallHandlers(byCall, others, how);
    }

    /// Checks that every call that `policy` may ask about has a handler.
    ///
    /// @param policy the policy
    /// @throws IllegalArgumentException if one has none
    public void require(SyscallPolicy policy) {
        if (others.isPresent()) {
            return;
        }
        if (policy.otherwise() instanceof SyscallAction.Notify) {
            throw new IllegalArgumentException(
                    "the policy asks the JVM about every call that no rule decides, and no handler"
                            + " is there for them; see onOtherSyscalls");
        }
        Set<Syscall> asked = EnumSet.noneOf(Syscall.class);
        for (SyscallRule rule : policy.rules()) {
            if (rule.action() instanceof SyscallAction.Notify) {
                asked.add(rule.call());
            }
        }
        asked.removeAll(byCall.keySet());
        if (!asked.isEmpty()) {
            throw new IllegalArgumentException(
                    "the policy asks the JVM about %s, and no handler is there; see onSyscall"
                            .formatted(asked.stream().map(Syscall::label).toList()));
        }
    }
}
