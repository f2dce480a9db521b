package dev.tutti.gateway;

import dev.tutti.core.BackendId;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The commands that change the mesh, as its API offers them. Called on the owner's loop; answers
/// come on it. What a future gives is JSON-ready; it fails with {@link
/// dev.tutti.core.MeshException}, whose failure the client is told.
public interface MeshAdmin {
  /// Adds an engine by its address.
  Future<Map<String, Object>> addBackend(NewBackend backend);

  /// Forgets an engine.
  Future<Map<String, Object>> removeBackend(BackendId backend);

  /// Asks an engine now what it is and has.
  Future<Map<String, Object>> probe(BackendId backend);

  /// Who should hold which model in memory, and who does: a plan. Changes nothing.
  Future<Map<String, Object>> placement();

  /// Begins to carry such a plan out, and tells what will be done.
  Future<Map<String, Object>> place();

  /// Gives a node no new work.
  Future<Map<String, Object>> drain(NodeId node);

  /// Undoes {@link #drain}.
  Future<Map<String, Object>> resume(NodeId node);

  /// Who waits to be let in, each with the code that it shows as well: `pending` is a list.
  Future<Map<String, Object>> pending();

  /// Lets in a node that waits.
  ///
  /// @param code the one that the node shows, when the human typed it: it must be right
  Future<Map<String, Object>> approve(NodeId node, Optional<String> code);

  /// The authority behind the nodes' certificates, and how far a change to a new root has come.
  Future<Map<String, Object>> authority();

  /// Goes one step on in the change to a new root, or begins one.
  ///
  /// @param force also when some node has not followed yet
  Future<Map<String, Object>> rotate(boolean force);

  /// Takes the last step of such a change back.
  ///
  /// @param force also when some node has not followed yet
  Future<Map<String, Object>> rollBack(boolean force);

  /// Forgets a node and its engines.
  Future<Map<String, Object>> removeNode(NodeId node);

  /// Makes a one-use token for a new node: `token`, `command`, `expires_at`.
  Future<Map<String, Object>> invite(NodeId name, NodeRole role);

  /// Looks for engines and nodes: `found` is a list.
  Future<Map<String, Object>> discover();

  /// A node without our agent tells that it exists. Telling it again changes nothing.
  Future<Map<String, Object>> register(Registration registration);

  /// A node without our agent is alive.
  Future<Map<String, Object>> heartbeat(NodeId node, Optional<String> address);

  /// An engine to be added.
  ///
  /// @param url where it listens, `http` or `https`
  /// @param slots attempts at a time, when the owner says
  /// @param name what to call it, when the owner says
  record NewBackend(String url, OptionalInt slots, Optional<String> name) {}

  /// What a provisioned machine says of itself.
  ///
  /// @param node its name
  /// @param displayName its name for people
  /// @param role what it is for
  /// @param address its address, empty when it does not know
  /// @param hostname its network name, may be empty
  /// @param ollamaPort where its Ollama listens, when it has one
  record Registration(
      NodeId node,
      String displayName,
      NodeRole role,
      Optional<String> address,
      String hostname,
      OptionalInt ollamaPort) {}
}
