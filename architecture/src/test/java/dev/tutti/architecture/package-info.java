/// The rules of the house as tests: who may call whom, and what nobody may call.
@NullMarked
package dev.tutti.architecture;

import org.jspecify.annotations.NullMarked;
