/// Tests.
@NullMarked
package dev.tutti.core;

import org.jspecify.annotations.NullMarked;
