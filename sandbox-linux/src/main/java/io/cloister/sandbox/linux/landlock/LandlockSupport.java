package io.cloister.sandbox.linux.landlock;

/// What the kernel that runs has of Landlock.
///
/// @param abi the version of its interface; 0: none
/// @param missing why there is none; empty where there is
public record LandlockSupport(int abi, String missing) {

    /// Checks.
    ///
    /// @throws IllegalArgumentException if `abi` is negative
    public LandlockSupport {
        if (abi < 0) {
            throw new IllegalArgumentException("abi must be >= 0, was " + abi);
        }
    }

    /// A kernel with this version.
    public static LandlockSupport of(int abi) {
        return new LandlockSupport(abi, "");
    }

    /// A kernel that has none.
    public static LandlockSupport missing(String why) {
        return new LandlockSupport(0, why);
    }

    /// Whether there is any.
    public boolean isThere() {
        return abi > 0;
    }
}
