package dev.tutti.paced;

/// The engine's own view of its work since it started.
///
/// `active` and `queued` are now; the rest are totals. A generation ends as one of `completed`,
/// `aborted` (the client left) or `failed` (a fault ended it). `requests` counts everything but the
/// control paths; `tokens` counts answer tokens made; `loads` counts how often a model was loaded.
public record PacedStats(
    int active,
    int queued,
    long completed,
    long aborted,
    long failed,
    long requests,
    long tokens,
    long loads) {}
