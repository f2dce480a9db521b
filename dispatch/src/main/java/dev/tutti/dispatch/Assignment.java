package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import java.time.Duration;

/// Where an attempt runs and why: what the response headers tell.
///
/// @param attempt 1 for the first
/// @param node the machine
/// @param backend the engine
/// @param model the model that really answers
/// @param queued how long the task waited for a slot, all attempts together
/// @param why one line for people: strategy, and what decided
/// @param simulated whether the engine is a simulated one
public record Assignment(
    int attempt,
    NodeId node,
    BackendId backend,
    ModelName model,
    Duration queued,
    String why,
    boolean simulated) {}
