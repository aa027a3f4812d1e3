package io.cloister.samples.plugins.api;

import org.pf4j.ExtensionPoint;

import java.math.BigDecimal;
import java.util.List;

/// Says what a basket costs.
public interface PriceRule extends ExtensionPoint {
    /// {@return the price of all items together}
    ///
    /// @param basket what is bought
    @Deadline(millis = 3000)
    Price price(Basket basket);

    /// What is bought.
    ///
    /// @param currency in which the price is wanted
    /// @param items the items
    record Basket(String currency, List<Item> items) {}

    /// Some pieces of one ware.
    ///
    /// @param name of the ware
    /// @param pieces how many
    /// @param euros what one costs
    record Item(String name, int pieces, BigDecimal euros) {}

    /// An amount of money.
    ///
    /// @param amount how much
    /// @param currency of what
    record Price(BigDecimal amount, String currency) {}
}
