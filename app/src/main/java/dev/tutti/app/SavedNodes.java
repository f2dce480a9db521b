package dev.tutti.app;

import dev.tutti.core.NodeId;
import dev.tutti.link.hub.EnrolmentLog;
import dev.tutti.link.hub.NodeRecord;
import dev.tutti.store.SavedNode;
import dev.tutti.store.SqliteStore;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The nodes that were let in, in the store. Owner loop only; writes are handed over and not waited
/// for.
final class SavedNodes implements EnrolmentLog {
  private static final Logger LOG = LoggerFactory.getLogger(SavedNodes.class);

  private final SqliteStore store;
  private final Map<NodeId, SavedNode> nodes = new LinkedHashMap<>();

  SavedNodes(SqliteStore store, List<SavedNode> loaded) {
    this.store = store;
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
              known.credentialHash(),
              known.machineKey(),
              known.approvedAt(),
              known.removed(),
              drained,
              known.label()));
    }
  }

  @Override
  public List<NodeRecord> loadAll() {
    return nodes.values().stream()
        .map(node ->
            new NodeRecord(
                node.id(),
                node.role(),
                node.credentialHash(),
                node.machineKey(),
                node.host(),
                node.approvedAt().orElse(Instant.EPOCH),
                node.removed()))
        .toList();
  }

  @Override
  public void save(NodeRecord node) {
    SavedNode known = nodes.get(node.node());
    keep(
        new SavedNode(
            node.node(),
            node.role(),
            node.host(),
            node.credentialHash(),
            node.machineKey(),
            Optional.of(node.joinedAt()),
            node.removed(),
            known != null && known.drained(),
            known == null ? "" : known.label()));
  }

  @Override
  public void delete(NodeId node) {
    nodes.remove(node);
    store.removeNode(node).exceptionally(trouble -> warn(node, trouble, false));
  }

  private void keep(SavedNode node) {
    nodes.put(node.id(), node);
    store.saveNode(node).exceptionally(trouble -> warn(node.id(), trouble, node));
  }

  private static <T> T warn(NodeId node, Throwable trouble, T instead) {
    LOG.warn("A node could not be written down. node={} cause={}", node, trouble.getMessage());
    return instead;
  }
}
