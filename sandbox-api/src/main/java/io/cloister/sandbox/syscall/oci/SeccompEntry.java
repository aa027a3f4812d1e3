package io.cloister.sandbox.syscall.oci;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/// An entry of `syscalls`: what happens to these calls, with arguments like these.
///
/// @param names the calls; names that are known nowhere are kept
/// @param name the one call, in profiles that are older than `names`
/// @param action what happens to them
/// @param errnoRet the error number of [SeccompAction#ERRNO] and [SeccompAction#TRACE], 0 to 2^32 -
///   1
/// @param errno the same by name, as Podman writes it
/// @param args what must hold; if one argument stands here twice, one of all of them is enough
/// @param comment for people; may be empty
/// @param includes where the entry counts; empty: everywhere
/// @param excludes where it does not
public record SeccompEntry(
        List<String> names,
        Optional<String> name,
        SeccompAction action,
        OptionalLong errnoRet,
        Optional<String> errno,
        List<SeccompArgument> args,
        String comment,
        SeccompScope includes,
        SeccompScope excludes) {

    private static final long MAX_ERRNO_RET = 0xffffffffL;

    /// Copies.
    ///
    /// @throws IllegalArgumentException if `errnoRet` is out of its range
    public SeccompEntry {
        names = List.copyOf(names);
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(action, "action");
        checkErrnoRet("errnoRet", errnoRet);
        Objects.requireNonNull(errno, "errno");
        args = List.copyOf(args);
        Objects.requireNonNull(comment, "comment");
        Objects.requireNonNull(includes, "includes");
        Objects.requireNonNull(excludes, "excludes");
    }

    static void checkErrnoRet(String field, OptionalLong errnoRet) {
        errnoRet.ifPresent(number -> {
            if (number < 0 || number > MAX_ERRNO_RET) {
                throw new IllegalArgumentException(
                        field + " must be 0 to 4294967295, was " + number);
            }
        });
    }

    /// {@return an entry that always counts}
    ///
    /// @param names the calls
    /// @param action what happens to them
    /// @param args what must hold
    public static SeccompEntry of(
            List<String> names, SeccompAction action, SeccompArgument... args) {
        return new SeccompEntry(
                names,
                Optional.empty(),
                action,
                OptionalLong.empty(),
                Optional.empty(),
                List.of(args),
                "",
                SeccompScope.NONE,
                SeccompScope.NONE);
    }
}
