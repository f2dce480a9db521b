/// Tests.
@NullMarked
package dev.tutti.access.audit;

import org.jspecify.annotations.NullMarked;
