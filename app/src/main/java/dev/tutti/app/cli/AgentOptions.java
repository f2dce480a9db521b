package dev.tutti.app.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// How an agent runs.
///
/// @param name the node's name; empty: the invitation's, else this machine's
/// @param backends engines as `URL[,slots=N][,name=X]`, besides those found
/// @param discover whether to look for engines on this machine and for a hub on the network
/// @param home where all state lives
/// @param json whether to print events as JSON lines
public record AgentOptions(
    Optional<String> name, List<String> backends, boolean discover, Path home, boolean json) {
  /// Copies the list.
  public AgentOptions {
    backends = List.copyOf(backends);
  }
}
