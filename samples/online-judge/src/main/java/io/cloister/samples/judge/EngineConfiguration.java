package io.cloister.samples.judge;

import io.cloister.samples.judge.engine.Judge;
import io.cloister.samples.judge.engine.JudgeSettings;
import io.cloister.samples.judge.engine.SandboxJudge;
import io.cloister.samples.judge.language.Languages;
import io.cloister.samples.judge.problem.Problems;
import io.cloister.samples.judge.work.Catalogue;
import io.cloister.sandbox.spring.SandboxBuilderCustomizer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/// The judge of this application, and what it can be asked for.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EngineProperties.class)
class EngineConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(EngineConfiguration.class);

    /// A server that judges nothing needs no host that can have sandboxes.
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingBean(Judge.class)
    @Profile("!server")
    static class Engine {

        @Bean
        ArtifactDirectory artifacts(EngineProperties properties) {
            return ArtifactDirectory.in(properties.cache());
        }

        @Bean
        SandboxJudge judge(
                EngineProperties properties,
                ArtifactDirectory artifacts,
                ObjectProvider<SandboxBuilderCustomizer> customizers) {
            return new SandboxJudge(
                    new JudgeSettings(
                            properties.problems(),
                            artifacts.path(),
                            JudgeSettings.ARTIFACTS,
                            properties.threads()),
                    Languages.ofHost(),
                    // Those of sandbox-spring: its meters, and what its endpoint tells of runs.
                    (name, policy) ->
                            customizers
                                    .orderedStream()
                                    .forEach(each -> each.customize(name, policy)));
        }
    }

    @Bean
    Catalogue catalogue(EngineProperties properties, ObjectProvider<Judge> judge) {
        Judge own = judge.getIfAvailable();
        if (own != null) {
            return new Catalogue(own.problems(), own.languages());
        }
        Problems problems = Problems.read(properties.problems());
        problems.refused().forEach((id, why) -> LOG.warn("no problem {}: {}", id, why));
        Languages languages = Languages.ofHost();
        languages.missing().forEach((id, why) -> LOG.info("no language {}: {}", id, why));
        return new Catalogue(problems.available().keySet(), languages.available().keySet());
    }
}
