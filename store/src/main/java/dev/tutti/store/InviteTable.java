package dev.tutti.store;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The tables `invites` and `revoked`.
final class InviteTable {
  private InviteTable() {}

  static Change<SavedInvite> save(SavedInvite invite) {
    return connection -> {
      Sql.update(
          connection,
          """
          INSERT OR REPLACE INTO invites (id, node, role, sealed, created_at, expires_at)
          VALUES (?, ?, ?, ?, ?, ?)
          """,
          invite.id(),
          invite.node(),
          invite.role(),
          invite.sealed(),
          invite.createdAt(),
          invite.expiresAt());
      return invite;
    };
  }

  static Change<Boolean> remove(String id) {
    return connection -> Sql.update(connection, "DELETE FROM invites WHERE id = ?", id) > 0;
  }

  /// A node joined: both or nothing.
  static Change<SavedNode> join(SavedNode node, Optional<String> invite) {
    return connection -> {
      if (invite.isPresent()) {
        remove(invite.get()).apply(connection);
      }
      return NodeTable.save(node).apply(connection);
    };
  }

  static List<SavedInvite> all(Connection connection) throws SQLException {
    return Sql.rows(connection, InviteTable::invite, "SELECT * FROM invites ORDER BY created_at");
  }

  private static SavedInvite invite(ResultSet row) throws SQLException {
    return new SavedInvite(
        row.getString("id"),
        new NodeId(row.getString("node")),
        Sql.constant(NodeRole.class, row, "role").orElse(NodeRole.LLM_WORKER),
        row.getString("sealed"),
        Instant.ofEpochMilli(row.getLong("created_at")),
        Instant.ofEpochMilli(row.getLong("expires_at")));
  }

  static Change<SavedRevocation> revoke(SavedRevocation revocation) {
    return connection -> {
      Sql.update(
          connection,
          "INSERT OR REPLACE INTO revoked (uuid, node, revoked_at) VALUES (?, ?, ?)",
          revocation.uuid(),
          revocation.node(),
          revocation.revokedAt());
      return revocation;
    };
  }

  static Change<Boolean> forgetRevocation(String uuid) {
    return connection -> Sql.update(connection, "DELETE FROM revoked WHERE uuid = ?", uuid) > 0;
  }

  static List<SavedRevocation> revocations(Connection connection) throws SQLException {
    return Sql.rows(
        connection,
        row ->
            new SavedRevocation(
                row.getString("uuid"),
                new NodeId(row.getString("node")),
                Instant.ofEpochMilli(row.getLong("revoked_at"))),
        "SELECT * FROM revoked ORDER BY revoked_at");
  }
}
