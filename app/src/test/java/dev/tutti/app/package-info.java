/// Tests of settings, homes and wiring.
@NullMarked
package dev.tutti.app;

import org.jspecify.annotations.NullMarked;
