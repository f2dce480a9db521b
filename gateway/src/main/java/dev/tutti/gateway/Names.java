package dev.tutti.gateway;

import dev.tutti.core.BackendId;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import java.util.Optional;

/// Names of nodes and backends as strangers write them into paths and bodies.
final class Names {
  private Names() {}

  /// A node's name, empty when no node could have it.
  static Optional<NodeId> node(String value) {
    try {
      return Optional.of(new NodeId(value));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// A backend's name, empty when no backend could have it.
  static Optional<BackendId> backend(String value) {
    try {
      return Optional.of(new BackendId(value));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// There is no such thing.
  static MeshException unknown(String what) {
    return new MeshException(Refusals.pointless(FailureCode.NOT_FOUND, "there is no such " + what));
  }
}
