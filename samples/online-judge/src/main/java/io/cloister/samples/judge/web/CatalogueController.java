package io.cloister.samples.judge.web;

import io.cloister.samples.judge.work.Catalogue;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;

import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import java.util.SortedSet;
import java.util.TreeSet;

/// What submissions may name.
@RestController
@ConditionalOnWebApplication
@Tag(name = "catalogue", description = "What submissions may name")
class CatalogueController {
    private final Catalogue catalogue;

    CatalogueController(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    @GetMapping("/problems")
    @Operation(summary = "List problems", description = "The names of all problems.")
    SortedSet<String> problems() {
        return new TreeSet<>(catalogue.problems());
    }

    @GetMapping("/languages")
    @Operation(summary = "List languages", description = "The ids of all languages.")
    SortedSet<String> languages() {
        return new TreeSet<>(catalogue.languages());
    }
}
