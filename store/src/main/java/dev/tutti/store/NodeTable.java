package dev.tutti.store;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The tables `nodes` and `invites`.
final class NodeTable {
  private NodeTable() {}

  static Change<SavedNode> save(SavedNode node) {
    return connection -> {
      Sql.update(
          connection,
          """
          INSERT INTO nodes (id, role, host, credential_hash, approved_at, drained, label)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET role = excluded.role, host = excluded.host,
            credential_hash = excluded.credential_hash, approved_at = excluded.approved_at,
            drained = excluded.drained, label = excluded.label
          """,
          node.id(),
          node.role(),
          node.host(),
          node.credentialHash(),
          node.approvedAt(),
          node.drained(),
          node.label());
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
        Sql.moment(row, "approved_at"),
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
