package dev.tutti.app.cli;

/// Where and how this machine joins.
///
/// @param url the hub, as `node invite` printed it
/// @param token the one-use token
/// @param agent how the agent runs afterwards
public record JoinOptions(String url, String token, AgentOptions agent) {}
