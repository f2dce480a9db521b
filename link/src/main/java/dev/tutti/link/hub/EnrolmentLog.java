package dev.tutti.link.hub;

import dev.tutti.core.NodeId;
import java.util.List;

/// Where {@link NodeRecord}s outlive the process. Called on the owner loop: an implementation hands
/// writes over and does not wait for them; loading is done once, before the start.
public interface EnrolmentLog {
  /// Everything saved and not deleted.
  List<NodeRecord> loadAll();

  /// Inserts the record or replaces the one of the same node.
  void save(NodeRecord node);

  /// Forgets a node altogether.
  void delete(NodeId node);

  /// Keeps nothing, for hubs without a store.
  EnrolmentLog NONE =
      new EnrolmentLog() {
        @Override
        public List<NodeRecord> loadAll() {
          return List.of();
        }

        @Override
        public void save(NodeRecord node) {}

        @Override
        public void delete(NodeId node) {}
      };
}
