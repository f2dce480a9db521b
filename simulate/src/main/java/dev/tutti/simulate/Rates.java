package dev.tutti.simulate;

/// How fast a machine is with one model when it has nothing else to do, in tokens a second.
///
/// @param prefill prompt tokens read
/// @param decode tokens of one answer written
public record Rates(double prefill, double decode) {}
