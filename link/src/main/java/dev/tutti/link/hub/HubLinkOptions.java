package dev.tutti.link.hub;

import dev.tutti.link.LinkSecurity;

/// Where and how a hub listens for agents.
///
/// @param host address to bind
/// @param port 0 for any free one
/// @param security how both ends prove who they are
/// @param hubId told to a node when it is let in
public record HubLinkOptions(String host, int port, LinkSecurity security, String hubId) {}
