package dev.tutti.gateway;

import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/// Who this hub is.
///
/// @param id unique to this process; a request that carries it has been here before
/// @param name what people call it
/// @param version ours
/// @param queueTtl the longest wait in the queue of a task that asks for none
/// @param demo whether it runs simulated engines of its own
/// @param startedAt when it started
/// @param ready whether the engines it was told of have been asked once what they are
/// @param nodePort where agents connect
public record HubFacts(
    String id,
    String name,
    String version,
    Duration queueTtl,
    boolean demo,
    Instant startedAt,
    BooleanSupplier ready,
    int nodePort) {}
