package dev.tutti.simulate;

import dev.tutti.core.ModelName;
import dev.tutti.dispatch.Prompt;

/// One request of a simulation: the work, as dispatch sees it.
///
/// @param index its place in the order of arrival, from 0
/// @param arrivalNanos when it comes, from the start of the simulation
/// @param model the model asked for
/// @param prompt its length, and which beginnings it shares with others
/// @param outputTokens how long its answer will be; only the engine knows
/// @param client who asks, empty when the trace does not say
public record Request(
    int index,
    long arrivalNanos,
    ModelName model,
    Prompt prompt,
    int outputTokens,
    String client) {}
