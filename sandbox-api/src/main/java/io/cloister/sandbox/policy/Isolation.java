package io.cloister.sandbox.policy;

/// What keeps a program apart from the host.
public enum Isolation {
    /// Namespaces, and everything else. Where the host gives none, launches fail. The default.
    NAMESPACES("namespaces"),
    /// Namespaces; where the host gives none, the *confined* tier.
    NAMESPACES_OR_CONFINED("namespacesOrConfined"),
    /// The *confined* tier: Landlock, a system-call filter and resource limits, without namespaces;
    /// see [io.cloister.sandbox.IsolationBuilder].
    CONFINED("confined");

    private final String label;

    Isolation(String label) {
        this.label = label;
    }

    /// {@return the name in JSON and in reports, for example `confined`}
    public String label() {
        return label;
    }
}
