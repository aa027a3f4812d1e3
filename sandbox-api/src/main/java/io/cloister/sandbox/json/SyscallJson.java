package io.cloister.sandbox.json;

import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.oci.SeccompProfile;

/// Policies of system calls as JSON, in Cloister's own form and in that of Docker and OCI.
public final class SyscallJson {

    private SyscallJson() {}

    /// Reads a policy; see [SyscallPolicy#fromJson(String)].
    ///
    /// @param json the text
    /// @return the policy
    /// @throws IllegalArgumentException if it is not JSON or no policy
    public static SyscallPolicy readPolicy(String json) {
        Value value = JsonText.read(json);
        if (isProfile(value)) {
            throw value.refused(
                    "this is a seccomp profile of Docker or OCI; read it with SeccompProfile");
        }
        return SyscallReader.read(value);
    }

    /// Writes a policy; see [SyscallPolicy#toJson()].
    ///
    /// @param policy the policy
    /// @return indented JSON
    public static String write(SyscallPolicy policy) {
        return JsonText.write(SyscallWriter.write(policy));
    }

    /// Reads a profile; see [SeccompProfile#fromJson(String)].
    ///
    /// @param json the text
    /// @return the profile
    /// @throws IllegalArgumentException if it is not JSON or no profile
    public static SeccompProfile readProfile(String json) {
        return SeccompReader.read(JsonText.read(json));
    }

    /// Writes a profile; see [SeccompProfile#toJson()].
    ///
    /// @param profile the profile
    /// @return indented JSON
    public static String write(SeccompProfile profile) {
        return JsonText.write(SeccompWriter.write(profile));
    }

    /// Tells the two forms apart; see [SeccompProfile#isProfile(String)].
    ///
    /// @param json the text
    /// @return whether it has the one field that every profile has, and no policy
    /// @throws IllegalArgumentException if it is not JSON
    public static boolean isProfile(String json) {
        return isProfile(JsonText.read(json));
    }

    private static boolean isProfile(Value json) {
        return json.node().isObject() && json.node().has(SeccompReader.DEFAULT_ACTION);
    }
}
