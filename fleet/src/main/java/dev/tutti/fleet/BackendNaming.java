package dev.tutti.fleet;

import dev.tutti.core.BackendId;
import dev.tutti.core.NodeId;
import java.util.Locale;
import java.util.function.Predicate;

/// How machines and engines get their names when nobody gives them one: pure.
public final class BackendNaming {
  private static final int MAX_NODE_CHARS = 63;

  private BackendNaming() {}

  /// `node/kind`; where that is taken, `node/kind-port`; then `node/kind-port-2` and so on.
  public static BackendId choose(
      NodeId node, BackendKind kind, int port, Predicate<BackendId> taken) {
    var plain = inNode(node, kind.wireName());
    if (!taken.test(plain)) {
      return plain;
    }
    var withPort = inNode(node, kind.wireName() + "-" + port);
    var name = withPort;
    for (int i = 2; taken.test(name); i++) {
      name = new BackendId(withPort + "-" + i);
    }
    return name;
  }

  /// The mesh's name of a backend that is called `name` on its node.
  public static BackendId inNode(NodeId node, String name) {
    return new BackendId(node + "/" + name);
  }

  /// A node's name from a host's name or address: lower case, without `.local`, and a dash for
  /// whatever a name may not hold.
  public static NodeId nodeOf(String host) {
    String text = host.toLowerCase(Locale.ROOT);
    if (text.endsWith(".local")) {
      text = text.substring(0, text.length() - ".local".length());
    }
    text = text.replaceAll("[^a-z0-9._-]", "-").replaceAll("^[._-]+|[._-]+$", "");
    if (text.length() > MAX_NODE_CHARS) {
      text = text.substring(0, MAX_NODE_CHARS);
    }
    return new NodeId(text.isEmpty() ? "node" : text);
  }
}
