package dev.tutti.app;

import dev.tutti.core.NodeId;
import dev.tutti.link.agent.Badge;
import dev.tutti.link.agent.HubAddress;
import dev.tutti.link.trust.Encoded;
import dev.tutti.link.trust.KeyMaterial;
import dev.tutti.link.trust.Pin;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which hub an agent belongs to, whom it believes to be that hub, and what it shows there. Kept in
/// its home in one file, for its owner only: key and certificate change together or not at all.
record Membership(HubAddress hub, NodeId node, Badge badge) {
  private static final String FILE = "membership";
  private static final int DEFAULT_PORT = 8766;

  @Override
  public String toString() {
    return "Membership[hub=" + hub + ", node=" + node + "]";
  }

  /// What the home remembers. What an older version wrote there, without a certificate, does not
  /// count.
  static Optional<Membership> read(Home home) {
    return home.read(FILE).filter(text -> text.startsWith("hub ")).map(Membership::parse);
  }

  /// Each line is a word and its values.
  ///
  /// @throws IllegalArgumentException when it is damaged; the message says nothing of it
  static Membership parse(String text) {
    @Nullable HubAddress hub = null;
    @Nullable NodeId node = null;
    @Nullable PrivateKey key = null;
    Set<Pin> pins = new LinkedHashSet<>();
    List<X509Certificate> chain = new ArrayList<>();
    try {
      for (String line : text.lines().toList()) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
          case "hub" -> hub = new HubAddress(words[1], Integer.parseInt(words[2]));
          case "node" -> node = new NodeId(words[1]);
          case "pin" -> pins.add(new Pin(words[1]));
          case "certificate" -> chain.add(Encoded.certificate(words[1]));
          case "key" -> key = Encoded.key(words[1]);
          default -> {
            // a newer version's
          }
        }
      }
      if (hub != null && node != null && key != null) {
        return new Membership(hub, node, new Badge(new KeyMaterial(key, chain), pins));
      }
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException damaged) {
      throw new IllegalArgumentException(damage(), damaged);
    }
    throw new IllegalArgumentException(damage());
  }

  private static String damage() {
    return FILE
        + ": damaged (expected: as the agent wrote it; `tutti agent leave`, then join anew)";
  }

  Membership with(Badge renewed) {
    return new Membership(hub, node, renewed);
  }

  void write(Home home) {
    home.write(FILE, text());
  }

  /// What is written: secret.
  String text() {
    var text = new StringBuilder();
    text.append("hub ").append(hub.host()).append(' ').append(hub.port()).append('\n');
    text.append("node ").append(node).append('\n');
    badge.pins().stream()
        .map(Pin::text)
        .sorted()
        .forEach(pin -> text.append("pin ").append(pin).append('\n'));
    for (X509Certificate each : badge.material().chain()) {
      text.append("certificate ").append(Encoded.text(each)).append('\n');
    }
    text.append("key ").append(Encoded.text(badge.material().key()));
    return text.toString();
  }

  static void forget(Home home) {
    home.forget(FILE);
  }

  /// Reads `[https://]HOST[:PORT]`; without a port it is {@value #DEFAULT_PORT}.
  static HubAddress address(String text) {
    String rest = text.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
    var parts =
        java.util.regex.Pattern.compile("(\\[[0-9a-fA-F:]+]|[^:]+)(?::(\\d{1,5}))?").matcher(rest);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "URL: " + text + " (expected: https://HOST:" + DEFAULT_PORT + ")");
    }
    String host = parts.group(1).replaceAll("[\\[\\]]", "");
    int port = parts.group(2) == null ? DEFAULT_PORT : Integer.parseInt(parts.group(2));
    return new HubAddress(host, port);
  }
}
