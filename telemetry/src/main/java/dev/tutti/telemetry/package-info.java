/// What happened and how much of it: the event feed and the metrics.
///
/// {@link dev.tutti.telemetry.EventFeed} keeps the newest events and tells them to those who watch;
/// {@link dev.tutti.telemetry.Metrics} counts and measures for Prometheus. What an event says is
/// given by the caller as plain maps, so this room knows no other. Called by gateway and app; calls
/// core only.
@NullMarked
package dev.tutti.telemetry;

import org.jspecify.annotations.NullMarked;
