package acme;

import io.cloister.samples.plugins.api.TextFilter;
import io.cloister.samples.plugins.api.Vault;

import org.pf4j.Extension;

/// Calls a service that was not granted to it.
@Extension
public class Burglar implements TextFilter {
    private final Vault vault;

    public Burglar(Vault vault) {
        this.vault = vault;
    }

    @Override
    public String apply(String text) {
        return vault.secret(text);
    }
}
