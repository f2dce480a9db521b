package dev.tutti.store;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The tables `nodes` and `invites`.
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
        INSERT OR REPLACE INTO nodes (id, role, host, credential_hash, machine_key, approved_at,
          removed, drained, label)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        node.id(),
        node.role(),
        node.host(),
        node.credentialHash(),
        node.machineKey(),
        node.approvedAt(),
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
        row.getString("credential_hash"),
        row.getString("machine_key"),
        Sql.moment(row, "approved_at"),
        row.getBoolean("removed"),
        row.getBoolean("drained"),
        row.getString("label"));
  }

  static Change<SavedInvite> saveInvite(SavedInvite invite) {
    return connection -> {
      Sql.update(
          connection,
          "INSERT OR REPLACE INTO invites (token_hash, node, role, expires_at) VALUES (?, ?, ?, ?)",
          invite.tokenHash(),
          invite.node(),
          invite.role(),
          invite.expiresAt());
      return invite;
    };
  }

  /// Takes an invite out, so that nobody else can; empty when there is none or it has expired by
  /// `now`.
  static Change<Optional<SavedInvite>> takeInvite(String tokenHash, Instant now) {
    return connection -> {
      Sql.update(connection, "DELETE FROM invites WHERE expires_at <= ?", now);
      List<SavedInvite> found =
          Sql.rows(
              connection,
              NodeTable::invite,
              "SELECT * FROM invites WHERE token_hash = ?",
              tokenHash);
      Sql.update(connection, "DELETE FROM invites WHERE token_hash = ?", tokenHash);
      return found.stream().findFirst();
    };
  }

  static List<SavedInvite> invites(Connection connection) throws SQLException {
    return Sql.rows(connection, NodeTable::invite, "SELECT * FROM invites ORDER BY expires_at");
  }

  private static SavedInvite invite(ResultSet row) throws SQLException {
    return new SavedInvite(
        row.getString("token_hash"),
        new NodeId(row.getString("node")),
        Sql.constant(NodeRole.class, row, "role").orElse(NodeRole.LLM_WORKER),
        Instant.ofEpochMilli(row.getLong("expires_at")));
  }
}
