/// The HTTP edge and the gRPC edge for clients: their own APIs, the mesh API, and the event feed.
///
/// {@link dev.tutti.gateway.Gateway} listens and routes. A request that carries work goes through
/// `WorkEndpoint` (read, parse, judge, submit) and comes back through `AnswerStream` (deltas in the
/// client's dialect, at the client's pace); everything else is a document made from a snapshot. All
/// of it runs on the owner's loop. Called by app; calls core, wire, fleet, dispatch, dialects and
/// telemetry. Commands that change the mesh go through {@link dev.tutti.gateway.MeshAdmin}, which
/// app implements.
@NullMarked
package dev.tutti.gateway;

import org.jspecify.annotations.NullMarked;
