package io.cloister.sandbox.spring.autoconfigure;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.spring.SandboxRegistry;
import io.cloister.sandbox.spring.settings.RefusedPropertyException;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

import java.util.Map;

/// Defines a bean for each sandbox and each pool that the properties name: `judgeSandbox` and
/// `judgeSandboxPool` with the qualifier `judge`. One that the application has defined by that name
/// is refused: pool and registry would go by the properties all the same.
///
/// Definitions are needed before beans are made, so the names are read from the environment. Their
/// values are bound, checked and refused later, with the bean of the properties.
final class SandboxBeanRegistrar implements ImportBeanDefinitionRegistrar {
    private static final String SANDBOX = "Sandbox";

    private final BeanFactory beans;
    private final Environment environment;

    SandboxBeanRegistrar(BeanFactory beans, Environment environment) {
        this.beans = beans;
        this.environment = environment;
    }

    @Override
    public void registerBeanDefinitions(
            AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
        Map<String, Object> profiles = properties("sandbox.profiles");
        boolean allHavePools = properties("sandbox.defaults").containsKey("pool");
        if (profiles.isEmpty()) {
            if (noSandboxIsDefined()) {
                define(registry, SandboxRegistry.DEFAULT, allHavePools);
            }
            return;
        }
        profiles.forEach((name, settings) ->
                define(
                        registry,
                        name,
                        allHavePools
                                || settings instanceof Map<?, ?> map && map.containsKey("pool")));
    }

    private boolean noSandboxIsDefined() {
        return beans instanceof ListableBeanFactory all
                && all.getBeanNamesForType(Sandbox.class, true, false).length == 0;
    }

    /// Whether there is a default sandbox though no property names one.
    static boolean hasImplied(ConfigurableListableBeanFactory beans) {
        String name = SandboxRegistry.DEFAULT + SANDBOX;
        return beans.containsBeanDefinition(name)
                && SandboxBeans.NAME.equals(beans.getBeanDefinition(name).getFactoryBeanName());
    }

    private Map<String, Object> properties(String prefix) {
        return Binder.get(environment)
                .bind(prefix, Bindable.mapOf(String.class, Object.class))
                .orElseGet(Map::of);
    }

    private static void define(BeanDefinitionRegistry registry, String name, boolean pool) {
        define(registry, name, SANDBOX, Sandbox.class, "sandbox");
        if (pool) {
            define(registry, name, SANDBOX + "Pool", SandboxPool.class, "pool");
        }
    }

    private static void define(
            BeanDefinitionRegistry registry,
            String profile,
            String suffix,
            Class<?> type,
            String method) {
        String name = profile + suffix;
        if (registry.containsBeanDefinition(name)) {
            throw new RefusedPropertyException(
                    "sandbox.profiles." + profile,
                    null,
                    new IllegalArgumentException(
                            ("the application has a bean %s of its own, which registry and pool of"
                                            + " the profile would not know: remove one of the two,"
                                            + " rename the bean, or add to the profile by a bean"
                                            + " SandboxBuilderCustomizer")
                                    .formatted(name)));
        }
        RootBeanDefinition definition = new RootBeanDefinition();
        definition.setTargetType(type);
        definition.setFactoryBeanName(SandboxBeans.NAME);
        definition.setFactoryMethodName(method);
        definition.getConstructorArgumentValues().addIndexedArgumentValue(0, profile);
        definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, profile));
        definition.setPrimary(profile.equals(SandboxRegistry.DEFAULT));
        // The registry closes it.
        definition.setDestroyMethodName("");
        registry.registerBeanDefinition(name, definition);
    }
}
