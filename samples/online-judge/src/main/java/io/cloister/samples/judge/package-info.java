/// An online judge for programs that anybody may send. Entry type: [JudgeApplication].
///
/// `web` knows `work`, which knows `store`; all know the values of `engine`, and `work` has it
/// judge. `postgres` stands aside: it brings a database where there is none.
@NullMarked
package io.cloister.samples.judge;

import org.jspecify.annotations.NullMarked;
