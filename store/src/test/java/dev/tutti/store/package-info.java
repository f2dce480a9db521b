/// Tests of the store, on real files.
@NullMarked
package dev.tutti.store;

import org.jspecify.annotations.NullMarked;
