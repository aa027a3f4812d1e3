package io.cloister.samples.plugins.api;

import java.math.BigDecimal;

/// A service of the host. A plugin that has it in its manifest gets it as an argument of the
/// constructor of its extension.
public interface ExchangeRates {
    /// {@return how much of a currency one euro buys}
    ///
    /// @param currency its code, such as `USD`
    BigDecimal perEuro(String currency);
}
