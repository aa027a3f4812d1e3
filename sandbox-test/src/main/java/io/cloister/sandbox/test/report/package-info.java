/// What failure messages tell of a run. Not exported.
@NullMarked
package io.cloister.sandbox.test.report;

import org.jspecify.annotations.NullMarked;
