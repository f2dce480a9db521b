package dev.tutti.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The tables `keys` and `meta`.
final class KeyTable {
  private KeyTable() {}

  static Change<SavedKey> save(SavedKey key) {
    return connection -> {
      Sql.update(
          connection,
          """
          INSERT INTO keys (id, name, sha256, created_at, revoked_at) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET name = excluded.name, sha256 = excluded.sha256,
            created_at = excluded.created_at, revoked_at = excluded.revoked_at
          """,
          key.id(),
          key.name(),
          key.sha256(),
          key.createdAt(),
          key.revokedAt());
      return key;
    };
  }

  static Change<Boolean> revoke(String id, Instant at) {
    return connection ->
        Sql.update(
                connection,
                "UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                at,
                id)
            > 0;
  }

  static List<SavedKey> all(Connection connection) throws SQLException {
    return Sql.rows(connection, KeyTable::key, "SELECT * FROM keys ORDER BY created_at, id");
  }

  private static SavedKey key(ResultSet row) throws SQLException {
    return new SavedKey(
        row.getString("id"),
        row.getString("name"),
        row.getString("sha256"),
        Instant.ofEpochMilli(row.getLong("created_at")),
        Sql.moment(row, "revoked_at"));
  }

  static Change<String> putMeta(String name, String value) {
    return connection -> {
      Sql.update(connection, "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", name, value);
      return value;
    };
  }

  static Optional<String> meta(Connection connection, String name) throws SQLException {
    return Sql.rows(
            connection, row -> row.getString("value"), "SELECT value FROM meta WHERE key = ?", name)
        .stream()
        .findFirst();
  }
}
