package io.cloister.samples.judge.web;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;

import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The head of the description at `/v3/api-docs`.
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication
class OpenApiConfiguration {

    @Bean
    OpenAPI description() {
        return new OpenAPI()
                .info(
                        new Info()
                                .title("Online judge")
                                .version("1")
                                .description(
                                        "Judges programs that anybody may send, each in a sandbox"
                                                + " of its own. Errors are problem details (RFC"
                                                + " 9457)."));
    }
}
