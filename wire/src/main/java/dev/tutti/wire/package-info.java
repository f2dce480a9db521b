/// The messages between hub, agents and gRPC clients.
///
/// The `.proto` files are in `src/main/proto`; the Java under `src/generated/java` is written by
/// `wire/generate` and committed, so that a build needs no protoc. Called by link and gateway.
@NullMarked
package dev.tutti.wire;

import org.jspecify.annotations.NullMarked;
