package dev.tutti.link.hub;

/// Where a hub listens for agents.
///
/// @param host address to bind
/// @param port 0 for any free one
/// @param hubId told to a node when it is let in
public record HubLinkOptions(String host, int port, String hubId) {}
