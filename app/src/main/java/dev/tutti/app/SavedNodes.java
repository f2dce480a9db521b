package dev.tutti.app;

import dev.tutti.core.NodeId;
import dev.tutti.link.hub.Denied;
import dev.tutti.link.hub.EnrolmentLog;
import dev.tutti.link.hub.NodeRecord;
import dev.tutti.link.hub.OpenInvite;
import dev.tutti.store.SavedInvite;
import dev.tutti.store.SavedNode;
import dev.tutti.store.SavedRevocation;
import dev.tutti.store.SqliteStore;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The nodes that were let in, who is invited and who was sent away, in the store. Owner loop only;
/// writes are handed over and not waited for.
final class SavedNodes implements EnrolmentLog {
  private static final Logger LOG = LoggerFactory.getLogger(SavedNodes.class);

  private final SqliteStore store;
  private final List<SavedInvite> invites;
  private final List<SavedRevocation> revocations;
  private final Consumer<NodeRecord> witness;
  private final Map<NodeId, SavedNode> nodes = new LinkedHashMap<>();

  /// @param witness is told of each node that joins
  SavedNodes(
      SqliteStore store,
      List<SavedNode> loaded,
      List<SavedInvite> invites,
      List<SavedRevocation> revocations,
      Consumer<NodeRecord> witness) {
    this.store = store;
    this.invites = invites;
    this.revocations = revocations;
    this.witness = witness;
    loaded.forEach(node -> nodes.put(node.id(), node));
  }

  /// Everybody who was let in and not removed.
  List<SavedNode> present() {
    return nodes.values().stream().filter(node -> !node.removed()).toList();
  }

  /// Remembers that its owner took a node out of service, or put it back.
  void drained(NodeId node, boolean drained) {
    SavedNode known = nodes.get(node);
    if (known != null) {
      keep(
          new SavedNode(
              known.id(),
              known.role(),
              known.host(),
              known.uuid(),
              known.machineKey(),
              known.approvedAt(),
              known.certifiedAt(),
              known.removed(),
              drained,
              known.label()));
    }
  }

  @Override
  public Kept loadAll() {
    return new Kept(
        nodes.values().stream()
            .filter(node -> !node.uuid().isEmpty())
            .map(SavedNodes::record)
            .toList(),
        invites.stream()
            .map(invite ->
                new OpenInvite(
                    invite.id(),
                    invite.node(),
                    invite.role(),
                    invite.sealed(),
                    invite.createdAt(),
                    invite.expiresAt()))
            .toList(),
        revocations.stream()
            .map(gone -> new Denied(UUID.fromString(gone.uuid()), gone.node(), gone.revokedAt()))
            .toList());
  }

  private static NodeRecord record(SavedNode node) {
    return new NodeRecord(
        node.id(),
        node.role(),
        UUID.fromString(node.uuid()),
        node.machineKey(),
        node.host(),
        node.approvedAt().orElse(Instant.EPOCH),
        node.certifiedAt().orElse(Instant.EPOCH),
        node.removed());
  }

  @Override
  public CompletionStage<?> joined(NodeRecord node, Optional<String> inviteId) {
    SavedNode saved = saved(node);
    nodes.put(saved.id(), saved);
    witness.accept(node);
    return store.joined(saved, inviteId);
  }

  @Override
  public void save(NodeRecord node) {
    keep(saved(node));
  }

  private SavedNode saved(NodeRecord node) {
    SavedNode known = nodes.get(node.node());
    return new SavedNode(
        node.node(),
        node.role(),
        node.host(),
        node.uuid().toString(),
        node.machineKey(),
        Optional.of(node.joinedAt()),
        Optional.of(node.certifiedAt()),
        node.removed(),
        known != null && known.drained(),
        known == null ? "" : known.label());
  }

  @Override
  public void delete(NodeId node) {
    nodes.remove(node);
    store.removeNode(node).exceptionally(trouble -> warn("node " + node, trouble, false));
  }

  @Override
  public void save(OpenInvite invite) {
    var saved =
        new SavedInvite(
            invite.id(),
            invite.node(),
            invite.role(),
            invite.sealed(),
            invite.createdAt(),
            invite.expiresAt());
    store
        .saveInvite(saved)
        .exceptionally(trouble -> warn("invitation of " + invite.node(), trouble, saved));
  }

  @Override
  public void delete(String inviteId) {
    store.removeInvite(inviteId).exceptionally(trouble -> warn("invitation", trouble, false));
  }

  @Override
  public CompletionStage<?> deny(Denied denied) {
    return store.revoke(new SavedRevocation(denied.uuid().toString(), denied.node(), denied.at()));
  }

  @Override
  public void undeny(UUID uuid) {
    store
        .forgetRevocation(uuid.toString())
        .exceptionally(trouble -> warn("revocation", trouble, false));
  }

  private void keep(SavedNode node) {
    nodes.put(node.id(), node);
    store.saveNode(node).exceptionally(trouble -> warn("node " + node.id(), trouble, node));
  }

  private static <T extends @Nullable Object> T warn(String what, Throwable trouble, T instead) {
    LOG.warn("It could not be written down. what={} cause={}", what, trouble.getMessage());
    return instead;
  }
}
