/// Tests of the feed and the metrics.
@NullMarked
package dev.tutti.telemetry;

import org.jspecify.annotations.NullMarked;
