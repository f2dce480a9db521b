package dev.tutti.simulate;

/// What a strategy made of a workload.
///
/// @param strategy its name
/// @param requests how many there were
/// @param failed how many of them ended without their whole answer
/// @param ttftMillis from arrival to the first token
/// @param completionMillis from arrival to the end of the answer
/// @param waitMillis of that, the part in which nothing was loaded, read or written for it
/// @param makespanSeconds from the first arrival to the last end
/// @param tokensPerSecond tokens written in that time
/// @param cacheHit share of all prompt tokens that were not read again
/// @param loads how often a model was loaded
/// @param fairness Jain's index over the clients' mean slowdown: 1 when all are slowed down alike
/// @param watts mean power of all machines in that time
public record Result(
    String strategy,
    int requests,
    int failed,
    Figures ttftMillis,
    Figures completionMillis,
    Figures waitMillis,
    double makespanSeconds,
    double tokensPerSecond,
    double cacheHit,
    int loads,
    double fairness,
    double watts) {}
