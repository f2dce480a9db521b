package dev.tutti.link.agent;

/// Where a hub listens for agents.
public record HubAddress(String host, int port) {
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
