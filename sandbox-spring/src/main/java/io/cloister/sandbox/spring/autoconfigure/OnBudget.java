package io.cloister.sandbox.spring.autoconfigure;

import io.cloister.sandbox.spring.settings.SandboxProperties;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/// Whether any property of the budget is set.
final class OnBudget extends SpringBootCondition {

    @Override
    public ConditionOutcome getMatchOutcome(
            ConditionContext context, AnnotatedTypeMetadata metadata) {
        boolean bound =
                Binder.get(context.getEnvironment())
                        .bind("sandbox.budget", SandboxProperties.Budget.class)
                        .isBound();
        ConditionMessage.Builder message = ConditionMessage.forCondition("sandbox budget");
        return bound
                ? ConditionOutcome.match(message.because("sandbox.budget is set"))
                : ConditionOutcome.noMatch(message.because("no sandbox.budget property is set"));
    }
}
