/// Coverage-guided fuzzing of the codecs: hostile clients and hostile engines send anything. What
/// was found interesting is kept as a corpus, which the tests run through again.
@NullMarked
package dev.tutti.bench.fuzz;

import org.jspecify.annotations.NullMarked;
