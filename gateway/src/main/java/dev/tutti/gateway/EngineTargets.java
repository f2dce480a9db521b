package dev.tutti.gateway;

import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.FleetView;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Which Ollama an administrator means: the one of the node that is named by `x-tutti-node`, or the
/// only node's that has one. Of several on one node it is the first by name that answers.
final class EngineTargets {
  private EngineTargets() {}

  /// The Ollama that is meant.
  ///
  /// @throws MeshException `NOT_FOUND` for a node that is not there, `INVALID_REQUEST` when the
  ///   node has no Ollama or nobody can tell which node is meant
  static BackendView ollama(FleetView fleet, Optional<NodeId> named) {
    List<BackendView> ollamas =
        fleet.backends().values().stream()
            .filter(backend -> backend.facts().kind() == BackendKind.OLLAMA)
            .filter(backend -> named.isEmpty() || backend.node().equals(named.get()))
            .sorted(
                Comparator.comparing((BackendView backend) -> !answers(backend))
                    .thenComparing(BackendView::id))
            .toList();
    if (ollamas.isEmpty()) {
      throw nobody(fleet, named);
    }
    var nodes =
        ollamas.stream()
            .map(backend -> backend.node().value())
            .collect(Collectors.toCollection(TreeSet::new));
    if (nodes.size() > 1) {
      throw Refusals.invalid(
          "x-tutti-node: missing (expected: the node whose Ollama is meant, one of "
              + String.join(", ", nodes)
              + ")");
    }
    return ollamas.getFirst();
  }

  private static boolean answers(BackendView backend) {
    return backend.health().isThere();
  }

  private static MeshException nobody(FleetView fleet, Optional<NodeId> named) {
    if (named.isEmpty()) {
      return new MeshException(
          Refusals.pointless(FailureCode.NOT_FOUND, "no node of this mesh has an Ollama"));
    }
    if (fleet.node(named.get()).isEmpty()) {
      return new MeshException(
          Refusals.pointless(FailureCode.NOT_FOUND, "node \"" + named.get() + "\" not found"));
    }
    return Refusals.invalid(
        "x-tutti-node: node \"" + named.get() + "\" has no Ollama (expected: a node that has one)");
  }
}
