package acme;

import io.cloister.samples.plugins.api.ExchangeRates;
import io.cloister.samples.plugins.api.PriceRule;

import org.pf4j.Extension;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// Calls a service of the host, which it gets by its constructor.
@Extension
public class Discount implements PriceRule {
    private static final int MANY = 10;
    private static final BigDecimal REDUCED = new BigDecimal("0.90");

    private final ExchangeRates rates;

    public Discount(ExchangeRates rates) {
        this.rates = rates;
    }

    @Override
    public Price price(Basket basket) {
        BigDecimal euros =
                basket.items().stream().map(this::price).reduce(BigDecimal.ZERO, BigDecimal::add);
        BigDecimal amount =
                euros.multiply(rates.perEuro(basket.currency())).setScale(2, RoundingMode.HALF_UP);
        return new Price(amount, basket.currency());
    }

    private BigDecimal price(Item item) {
        BigDecimal price = item.euros().multiply(BigDecimal.valueOf(item.pieces()));
        return item.pieces() >= MANY ? price.multiply(REDUCED) : price;
    }
}
