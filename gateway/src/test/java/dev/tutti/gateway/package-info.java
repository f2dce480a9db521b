/// Tests of the edge: its tables and texts alone, and a real gateway with hand-made engines.
@NullMarked
package dev.tutti.gateway;

import org.jspecify.annotations.NullMarked;
