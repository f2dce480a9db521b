/// Routing, queue and failover: pure policies and one owner loop.
///
/// {@link dev.tutti.dispatch.Dispatcher} is the owner loop's state: every call to it, and every
/// call it makes, happens on one thread. What it dispatches (`W`, the work, and `E`, the pieces of
/// an answer) is opaque to it. Engines are behind {@link dev.tutti.dispatch.Engine}; places are
/// ranked by a {@link dev.tutti.dispatch.RoutingStrategy}; what happened is told through {@link
/// dev.tutti.dispatch.DispatchEvents}. Called by backends, link, gateway, store and app; calls core
/// and fleet.
@NullMarked
package dev.tutti.dispatch;

import org.jspecify.annotations.NullMarked;
