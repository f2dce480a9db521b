package dev.tutti.app;

import dev.tutti.core.NodeId;
import dev.tutti.link.LinkSecurity;
import dev.tutti.link.agent.HubAddress;
import java.util.Optional;

/// Which hub an agent belongs to and what it shows there. Kept in its home, for its owner only.
///
/// @param credential secret
record Membership(HubAddress hub, NodeId node, String credential) {
  private static final String FILE = "membership";
  private static final int DEFAULT_PORT = 8766;

  @Override
  public String toString() {
    return "Membership[hub=" + hub + ", node=" + node + "]";
  }

  /// What the home remembers.
  static Optional<Membership> read(Home home) {
    return home.read(FILE)
        .map(text -> text.split("\\s+", -1))
        .filter(words -> words.length == 4)
        .map(words ->
            new Membership(
                new HubAddress(words[0], Integer.parseInt(words[1]), new LinkSecurity.Plain()),
                new NodeId(words[2]),
                words[3]));
  }

  void write(Home home) {
    home.write(FILE, hub.host() + " " + hub.port() + " " + node + " " + credential);
  }

  static void forget(Home home) {
    home.forget(FILE);
  }

  /// Reads `[http://]HOST[:PORT]`; without a port it is {@value #DEFAULT_PORT}.
  static HubAddress address(String text) {
    String rest = text.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
    var parts =
        java.util.regex.Pattern.compile("(\\[[0-9a-fA-F:]+]|[^:]+)(?::(\\d{1,5}))?").matcher(rest);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "URL: " + text + " (expected: http://HOST:" + DEFAULT_PORT + ")");
    }
    String host = parts.group(1).replaceAll("[\\[\\]]", "");
    int port = parts.group(2) == null ? DEFAULT_PORT : Integer.parseInt(parts.group(2));
    return new HubAddress(host, port, new LinkSecurity.Plain());
  }
}
