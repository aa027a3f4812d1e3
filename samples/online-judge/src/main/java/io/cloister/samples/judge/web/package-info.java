/// The judge over HTTP: submissions, problems and languages as JSON, and events as a stream. Errors
/// are problem details (RFC 9457). Entry type: [SubmissionController].
@NullMarked
package io.cloister.samples.judge.web;

import org.jspecify.annotations.NullMarked;
