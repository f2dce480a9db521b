/// What a decision costs: the production dispatcher with many engines that do nothing.
@NullMarked
package dev.tutti.bench.decide;

import org.jspecify.annotations.NullMarked;
