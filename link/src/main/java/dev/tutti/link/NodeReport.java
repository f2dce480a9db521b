package dev.tutti.link;

import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.NodeRole;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What an agent says about its machine and every engine on it, as a whole each time.
///
/// @param host the machine's own name for itself
/// @param backends at most {@link LinkLimits#MAX_BACKENDS_PER_NODE}, names unique
public record NodeReport(String host, NodeRole role, Hardware hardware, List<Backend> backends) {
  /// Copies the list and checks its bounds.
  public NodeReport {
    backends = List.copyOf(backends);
    if (backends.size() > LinkLimits.MAX_BACKENDS_PER_NODE) {
      throw new IllegalArgumentException(
          "backends: "
              + backends.size()
              + " (expected: <= "
              + LinkLimits.MAX_BACKENDS_PER_NODE
              + ")");
    }
    var names = new HashSet<String>();
    for (Backend backend : backends) {
      if (!names.add(backend.name())) {
        throw new IllegalArgumentException(
            "backend name: " + backend.name() + " twice (expected: unique on the node)");
      }
    }
  }

  /// One engine as the agent sees it.
  ///
  /// @param name unique on its node: a letter or digit, then up to 62 of those and `._-`
  /// @param url as the agent reaches it, for people
  /// @param health as the agent's last probe found it
  /// @param trouble why it is not up, empty when it is
  /// @param addressKeys what tells that two addresses are the same engine
  public record Backend(
      String name,
      String url,
      BackendFacts facts,
      Health health,
      String trouble,
      Set<String> addressKeys) {
    private static final String NAME_SHAPE = "[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}";

    /// Checks the name and copies the set.
    public Backend {
      if (!isName(name)) {
        throw new IllegalArgumentException("name: " + name + " (expected: " + NAME_SHAPE + ")");
      }
      addressKeys = Set.copyOf(addressKeys);
    }

    /// Whether a text can name a backend.
    public static boolean isName(String text) {
      return text.matches(NAME_SHAPE);
    }
  }
}
