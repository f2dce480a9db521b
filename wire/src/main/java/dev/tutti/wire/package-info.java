/// The messages between hub, agents and gRPC clients.
///
/// The `.proto` files are in `src/main/protobuf`; their Java is written at each build. Called by
/// link and gateway.
@NullMarked
package dev.tutti.wire;

import org.jspecify.annotations.NullMarked;
