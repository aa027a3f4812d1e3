package io.cloister.sandbox.json;

import io.cloister.sandbox.syscall.SyscallPolicy;
import io.cloister.sandbox.syscall.oci.SeccompProfile;
import io.cloister.sandbox.text.TextFile;

import java.nio.file.Path;

/// Policies of system calls as JSON, in Cloister's own form and in that of Docker and OCI.
public final class SyscallJson {

    private SyscallJson() {}

    /// Reads a policy; see [SyscallPolicy#fromJson(String)].
    ///
    /// @param json the text
    /// @return the policy
    /// @throws IllegalArgumentException if it is not JSON or no policy
    public static SyscallPolicy readPolicy(String json) {
        return JsonText.read(json, "", SyscallJson::policy);
    }

    /// Reads a policy from a file; see [SyscallPolicy#read(Path)].
    ///
    /// @param file the file
    /// @return the policy
    /// @throws IllegalArgumentException if it is not JSON or no policy
    public static SyscallPolicy readPolicy(Path file) {
        return JsonText.read(TextFile.read(file, "policy"), file.toString(), SyscallJson::policy);
    }

    private static SyscallPolicy policy(Value value) {
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
        return JsonText.read(json, "", SeccompReader::read);
    }

    /// Reads a profile from a file; see [SeccompProfile#read(Path)].
    ///
    /// @param file the file
    /// @return the profile
    /// @throws IllegalArgumentException if it is not JSON or no profile
    public static SeccompProfile readProfile(Path file) {
        return JsonText.read(TextFile.read(file, "profile"), file.toString(), SeccompReader::read);
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
        return JsonText.read(json, "", SyscallJson::isProfile);
    }

    private static boolean isProfile(Value json) {
        return json.node().isObject() && json.node().has(SeccompReader.DEFAULT_ACTION);
    }
}
