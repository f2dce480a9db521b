/// Tests.
@NullMarked
package dev.tutti.store.audit;

import org.jspecify.annotations.NullMarked;
