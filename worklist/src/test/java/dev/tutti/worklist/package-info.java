@NullMarked
package dev.tutti.worklist;

import org.jspecify.annotations.NullMarked;
