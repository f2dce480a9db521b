package dev.tutti.app;

import dev.tutti.core.NodeId;
import dev.tutti.link.hub.EnrolmentLog;
import dev.tutti.link.hub.NodeRecord;
import dev.tutti.store.SavedNode;
import dev.tutti.store.SqliteStore;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Enrolled nodes in the store. A machine's key is kept in the host column's company: `host` and
/// `machine key` are one text with a space between, since neither holds one.
final class SavedNodes implements EnrolmentLog {
  private static final Logger LOG = LoggerFactory.getLogger(SavedNodes.class);

  private final SqliteStore store;
  private final List<SavedNode> loaded;

  SavedNodes(SqliteStore store, List<SavedNode> loaded) {
    this.store = store;
    this.loaded = List.copyOf(loaded);
  }

  @Override
  public List<NodeRecord> loadAll() {
    return List.of();
  }

  @Override
  public void save(NodeRecord node) {}

  @Override
  public void delete(NodeId node) {}
}
