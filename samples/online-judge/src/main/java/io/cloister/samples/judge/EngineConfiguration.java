package io.cloister.samples.judge;

import io.cloister.samples.judge.engine.Judge;
import io.cloister.samples.judge.engine.JudgeSettings;
import io.cloister.samples.judge.engine.SandboxJudge;
import io.cloister.samples.judge.language.Languages;
import io.cloister.sandbox.spring.SandboxBuilderCustomizer;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The judge of this application.
@Configuration(proxyBeanMethods = false)
@ConditionalOnMissingBean(Judge.class)
@EnableConfigurationProperties(EngineProperties.class)
class EngineConfiguration {

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
                        customizers.orderedStream().forEach(each -> each.customize(name, policy)));
    }
}
