package dev.tutti.store;

import dev.tutti.core.BackendId;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.BackendFacts;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/// A backend that outlives a restart of the hub.
///
/// @param id its name
/// @param node the machine it runs on
/// @param url where it listens
/// @param slots attempts at a time as its owner set them; empty when the engine decides
/// @param addedBy how it came here
/// @param drained whether the owner took it out of service
/// @param facts what it last said of itself; empty before its first good answer
/// @param seenAt when it said so
public record SavedBackend(
    BackendId id,
    NodeId node,
    String url,
    OptionalInt slots,
    AddedBy addedBy,
    boolean drained,
    Optional<BackendFacts> facts,
    Optional<Instant> seenAt) {

  /// A backend that has not answered yet.
  public static SavedBackend added(
      BackendId id, NodeId node, String url, OptionalInt slots, AddedBy addedBy) {
    return new SavedBackend(
        id, node, url, slots, addedBy, false, Optional.empty(), Optional.empty());
  }

  /// How a backend came to the mesh.
  public enum AddedBy {
    /// By a flag of the command that started the hub.
    FLAG,
    /// By its owner while the hub ran.
    OWNER,
    /// By the configuration file.
    CONFIGURATION,
    /// The hub found it by itself.
    DISCOVERY
  }
}
