package io.cloister.samples.judge;

import io.cloister.samples.judge.engine.Judge;
import io.cloister.samples.judge.engine.JudgeSettings;
import io.cloister.samples.judge.engine.SandboxJudge;

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
    SandboxJudge judge(EngineProperties properties, ArtifactDirectory artifacts) {
        return new SandboxJudge(
                new JudgeSettings(
                        properties.problems(),
                        artifacts.path(),
                        JudgeSettings.ARTIFACTS,
                        properties.threads()));
    }
}
