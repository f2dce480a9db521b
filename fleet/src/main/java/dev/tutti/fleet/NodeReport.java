package dev.tutti.fleet;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What an agent says about its machine. Comes from another machine, so it is checked here.
///
/// @param hardware what the machine is made of, free memory as of now
/// @param backends every engine the agent knows, those that are down too; one that is left out is
///   forgotten
public record NodeReport(Hardware hardware, List<Backend> backends) {
  /// Copies the list and checks its bound and that no name comes twice.
  public NodeReport {
    if (backends.size() > FleetLimits.MAX_BACKENDS_PER_NODE) {
      throw new IllegalArgumentException(
          "backends: "
              + backends.size()
              + " (expected: <= "
              + FleetLimits.MAX_BACKENDS_PER_NODE
              + ")");
    }
    backends = List.copyOf(backends);
    var names = new HashSet<String>();
    for (Backend backend : backends) {
      if (!names.add(backend.name())) {
        throw new IllegalArgumentException(
            "name: " + backend.name() + " twice (expected: each name once)");
      }
    }
  }

  /// One engine as the agent sees it.
  ///
  /// @param name unique on its node: `ollama`, `llama-server-8081`
  /// @param url where it listens, from the agent's point of view
  /// @param addressKeys opaque names of the addresses it listens on; see {@link Fleet#addressed}
  /// @param facts the agent's newest probe
  /// @param health the agent's verdict
  /// @param trouble why it is not up, empty when it is
  public record Backend(
      String name,
      String url,
      Set<String> addressKeys,
      BackendFacts facts,
      Health health,
      String trouble) {
    /// Copies the set and checks its bound.
    public Backend {
      if (addressKeys.size() > FleetLimits.MAX_ADDRESS_KEYS) {
        throw new IllegalArgumentException(
            "addressKeys: "
                + addressKeys.size()
                + " (expected: <= "
                + FleetLimits.MAX_ADDRESS_KEYS
                + ")");
      }
      addressKeys = Set.copyOf(addressKeys);
    }
  }
}
