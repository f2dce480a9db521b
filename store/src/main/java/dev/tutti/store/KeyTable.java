package dev.tutti.store;

import dev.tutti.access.Globs;
import dev.tutti.access.Key;
import dev.tutti.access.PeerAddress;
import dev.tutti.access.Quota;
import dev.tutti.access.Rights;
import dev.tutti.access.Scope;
import dev.tutti.access.Tier;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The tables `keys`, `spent` and `meta`.
final class KeyTable {
  private KeyTable() {}

  static Change<Key> save(Key key) {
    return connection -> {
      Rights rights = key.rights();
      Sql.update(
          connection,
          """
          INSERT INTO keys (id, name, sha256, scopes, models, tier, rpm, tpm, concurrent,
            budget_cents, priority_max, local, weight, address, created_at, expires_at, revoked_at,
            used_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at,
            revoked_at = excluded.revoked_at, used_at = excluded.used_at
          """,
          key.id(),
          key.name(),
          key.sha256(),
          rights.scopes().stream().map(Scope::name).sorted().collect(Collectors.joining(",")),
          String.join("\n", rights.models().patterns()),
          rights.tier(),
          rights.quota().requestsPerMinute(),
          rights.quota().tokensPerMinute(),
          rights.quota().concurrent(),
          rights.quota().budgetCents(),
          rights.maxPriority(),
          rights.local(),
          rights.weight(),
          key.address(),
          key.createdAt(),
          key.expiresAt(),
          key.revokedAt(),
          key.usedAt());
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

  static Change<Boolean> forget(String id) {
    return connection -> Sql.update(connection, "DELETE FROM keys WHERE id = ?", id) > 0;
  }

  static Change<Integer> used(Map<String, Instant> used) {
    Map<String, Instant> moments = Map.copyOf(used);
    return connection -> {
      int changed = 0;
      for (var each : moments.entrySet()) {
        changed +=
            Sql.update(
                connection,
                "UPDATE keys SET used_at = ? WHERE id = ?",
                each.getValue(),
                each.getKey());
      }
      return changed;
    };
  }

  static List<Key> all(Connection connection) throws SQLException {
    return Sql.rows(connection, KeyTable::key, "SELECT * FROM keys ORDER BY created_at, id");
  }

  private static Key key(ResultSet row) throws SQLException {
    return new Key(
        row.getString("id"),
        row.getString("name"),
        row.getString("sha256"),
        rights(row),
        Sql.text(row, "address").flatMap(PeerAddress::of),
        Instant.ofEpochMilli(row.getLong("created_at")),
        Sql.moment(row, "expires_at"),
        Sql.moment(row, "revoked_at"),
        Sql.moment(row, "used_at"));
  }

  /// A scope of a newer version is left out: less is allowed, never more. An unknown tier is the
  /// strictest.
  private static Rights rights(ResultSet row) throws SQLException {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    for (String name : row.getString("scopes").split(",", -1)) {
      Arrays.stream(Scope.values()).filter(scope -> scope.name().equals(name)).forEach(scopes::add);
    }
    String models = row.getString("models");
    return new Rights(
        scopes,
        models.isEmpty() ? Globs.ALL : new Globs(List.of(models.split("\n", -1))),
        Sql.constant(Tier.class, row, "tier").orElse(Tier.TRUSTED),
        new Quota(
            row.getInt("rpm"),
            row.getInt("tpm"),
            row.getInt("concurrent"),
            row.getLong("budget_cents")),
        row.getInt("priority_max"),
        row.getBoolean("local"),
        row.getDouble("weight"));
  }

  static Change<Boolean> spend(String month, String principal, long microEuro) {
    return connection ->
        Sql.update(
                connection,
                """
                INSERT INTO spent (month, principal, micro_eur) VALUES (?, ?, ?)
                ON CONFLICT (month, principal) DO UPDATE SET
                  micro_eur = micro_eur + excluded.micro_eur
                """,
                month,
                principal,
                microEuro)
            > 0;
  }

  static Map<String, Long> spent(Connection connection, String month) throws SQLException {
    return Sql.rows(
            connection,
            row -> Map.entry(row.getString("principal"), row.getLong("micro_eur")),
            "SELECT principal, micro_eur FROM spent WHERE month = ?",
            month)
        .stream()
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
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
