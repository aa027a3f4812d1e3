/// Who judges what, and when: submissions and their jobs, which are made in one transaction, and
/// the workers that do the jobs. Knows neither sandboxes nor the web. Entry types: [Intake] and
/// [Worker].
@NullMarked
package io.cloister.samples.judge.work;

import org.jspecify.annotations.NullMarked;
