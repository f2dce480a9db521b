package dev.tutti.store;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The table `nodes`.
final class NodeTable {
  private NodeTable() {}

  static Change<SavedNode> save(SavedNode node) {
    return connection -> {
      write(connection, node);
      return node;
    };
  }

  static Change<SavedNode> change(NodeId id, Function<Optional<SavedNode>, SavedNode> next) {
    return connection -> {
      List<SavedNode> before =
          Sql.rows(connection, NodeTable::node, "SELECT * FROM nodes WHERE id = ?", id);
      SavedNode after = next.apply(before.stream().findFirst());
      if (!after.id().equals(id)) {
        throw new IllegalArgumentException("node: " + after.id() + " (expected: " + id + ")");
      }
      write(connection, after);
      return after;
    };
  }

  private static void write(Connection connection, SavedNode node) throws SQLException {
    Sql.update(
        connection,
        """
        INSERT OR REPLACE INTO nodes (id, role, host, uuid, machine_key, approved_at,
          certified_at, removed, drained, label)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        node.id(),
        node.role(),
        node.host(),
        node.uuid(),
        node.machineKey(),
        node.approvedAt(),
        node.certifiedAt(),
        node.removed(),
        node.drained(),
        node.label());
  }

  static Change<Boolean> remove(NodeId id) {
    return connection -> Sql.update(connection, "DELETE FROM nodes WHERE id = ?", id) > 0;
  }

  static List<SavedNode> all(Connection connection) throws SQLException {
    return Sql.rows(connection, NodeTable::node, "SELECT * FROM nodes ORDER BY id");
  }

  private static SavedNode node(ResultSet row) throws SQLException {
    return new SavedNode(
        new NodeId(row.getString("id")),
        Sql.constant(NodeRole.class, row, "role").orElse(NodeRole.LLM_WORKER),
        row.getString("host"),
        row.getString("uuid"),
        row.getString("machine_key"),
        Sql.moment(row, "approved_at"),
        Sql.moment(row, "certified_at"),
        row.getBoolean("removed"),
        row.getBoolean("drained"),
        row.getString("label"));
  }
}
