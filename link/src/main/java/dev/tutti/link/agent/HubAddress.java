package dev.tutti.link.agent;

import dev.tutti.link.LinkSecurity;

/// Where a hub listens for agents and how the connection is secured.
public record HubAddress(String host, int port, LinkSecurity security) {
  private static final int MAX_PORT = 65_535;

  /// Checks the port.
  public HubAddress {
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException("port: " + port + " (expected: 1 to " + MAX_PORT + ")");
    }
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
