package dev.tutti.store;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/// The table `nodes`.
final class NodeTable {
  private NodeTable() {}

  static Change<SavedNode> save(SavedNode node) {
    return connection -> {
      Sql.update(
          connection,
          """
          INSERT INTO nodes
            (id, role, host, credential_hash, machine_key, joined_at, drained, label, removed)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET role = excluded.role, host = excluded.host,
            credential_hash = excluded.credential_hash, machine_key = excluded.machine_key,
            joined_at = excluded.joined_at, drained = excluded.drained, label = excluded.label,
            removed = excluded.removed
          """,
          node.id(),
          node.role(),
          node.host(),
          node.credentialHash(),
          node.machineKey(),
          node.joinedAt(),
          node.drained(),
          node.label(),
          node.removed());
      return node;
    };
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
        row.getString("credential_hash"),
        row.getString("machine_key"),
        Instant.ofEpochMilli(row.getLong("joined_at")),
        row.getBoolean("drained"),
        row.getString("label"),
        row.getBoolean("removed"));
  }
}
