package dev.tutti.link.hub;

import dev.tutti.core.NodeId;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Where enrolment outlives the process. Called on the owner loop: an implementation hands writes
/// over and does not wait for them; loading is done once, before the start.
public interface EnrolmentLog {
  /// What was kept.
  record Kept(List<NodeRecord> nodes, List<OpenInvite> invites, List<Denied> denied) {
    /// Copies the lists.
    public Kept {
      nodes = List.copyOf(nodes);
      invites = List.copyOf(invites);
      denied = List.copyOf(denied);
    }
  }

  /// Everything saved and not deleted.
  Kept loadAll();

  /// A node joined: its record is kept, and the invitation it used is gone.
  ///
  /// @return completes when both are on the disk: before that nobody may be told
  CompletionStage<?> joined(NodeRecord node, Optional<String> inviteId);

  /// Inserts the record or replaces the one of the same node.
  void save(NodeRecord node);

  /// Forgets a node altogether.
  void delete(NodeId node);

  /// Keeps an invitation.
  void save(OpenInvite invite);

  /// Forgets an invitation.
  void delete(String inviteId);

  /// Keeps that somebody is denied.
  ///
  /// @return completes when it is on the disk
  CompletionStage<?> deny(Denied denied);

  /// Forgets that somebody was denied, when no certificate of theirs can count any more.
  void undeny(UUID uuid);

  /// Keeps nothing, for hubs without a store.
  EnrolmentLog NONE =
      new EnrolmentLog() {
        @Override
        public Kept loadAll() {
          return new Kept(List.of(), List.of(), List.of());
        }

        @Override
        public CompletionStage<?> joined(NodeRecord node, Optional<String> inviteId) {
          return CompletableFuture.completedStage(null);
        }

        @Override
        public void save(NodeRecord node) {}

        @Override
        public void delete(NodeId node) {}

        @Override
        public void save(OpenInvite invite) {}

        @Override
        public void delete(String inviteId) {}

        @Override
        public CompletionStage<?> deny(Denied denied) {
          return CompletableFuture.completedStage(null);
        }

        @Override
        public void undeny(UUID uuid) {}
      };
}
