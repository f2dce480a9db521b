package dev.tutti.simulate;

/// A piece of a simulated answer.
///
/// @param tokens how many tokens it has
public record Piece(int tokens) {}
