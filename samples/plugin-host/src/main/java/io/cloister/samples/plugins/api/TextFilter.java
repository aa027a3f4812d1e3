package io.cloister.samples.plugins.api;

import org.pf4j.ExtensionPoint;

/// Changes a text, for example before it is shown.
public interface TextFilter extends ExtensionPoint {
    /// {@return the changed text}
    ///
    /// @param text what to change
    String apply(String text);
}
