package dev.tutti.store;

import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.ModelFacts;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// The tables `backends` and `models_seen`.
final class BackendTable {
  /// How old the moment at which a model was last seen may be before it is written anew.
  private static final Duration SEEN_STEP = Duration.ofHours(1);

  private BackendTable() {}

  /// What a backend said of itself at some moment.
  record Note(BackendId id, BackendFacts facts, Instant seenAt) {}

  static Change<SavedBackend> save(SavedBackend backend) {
    return connection -> {
      Sql.update(
          connection,
          """
          INSERT INTO backends (id, node, url, slots, added_by, drained, facts, seen_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET node = excluded.node, url = excluded.url,
            slots = excluded.slots, added_by = excluded.added_by, drained = excluded.drained,
            facts = coalesce(excluded.facts, facts), seen_at = coalesce(excluded.seen_at, seen_at)
          """,
          backend.id(),
          backend.node(),
          backend.url(),
          backend.slots().isPresent() ? backend.slots().getAsInt() : null,
          backend.addedBy(),
          backend.drained(),
          backend.facts().map(FactsJson::write),
          backend.seenAt());
      return backend;
    };
  }

  static Change<Boolean> remove(BackendId id) {
    return connection -> Sql.update(connection, "DELETE FROM backends WHERE id = ?", id) > 0;
  }

  static List<SavedBackend> all(Connection connection) throws SQLException {
    return Sql.rows(connection, BackendTable::backend, "SELECT * FROM backends ORDER BY rowid");
  }

  private static SavedBackend backend(ResultSet row) throws SQLException {
    return new SavedBackend(
        new BackendId(row.getString("id")),
        new NodeId(row.getString("node")),
        row.getString("url"),
        Sql.count(row, "slots"),
        Sql.constant(SavedBackend.AddedBy.class, row, "added_by")
            .orElse(SavedBackend.AddedBy.OWNER),
        row.getBoolean("drained"),
        Sql.text(row, "facts").flatMap(FactsJson::read),
        Sql.moment(row, "seen_at"));
  }

  /// Writes what a backend said, if it is a saved one, and in any case which models exist.
  static void note(Connection connection, Note note) throws SQLException {
    Sql.update(
        connection,
        "UPDATE backends SET facts = ?, seen_at = ? WHERE id = ?",
        FactsJson.write(note.facts()),
        note.seenAt(),
        note.id());
    String sql =
        """
        INSERT INTO models_seen (model, seen_at) VALUES (?, ?)
        ON CONFLICT (model) DO UPDATE SET seen_at = excluded.seen_at
          WHERE excluded.seen_at >= seen_at + %d
        """
            .formatted(SEEN_STEP.toMillis());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (ModelFacts model : note.facts().models()) {
        Sql.bind(statement, model.name(), note.seenAt());
        statement.executeUpdate();
      }
    }
  }

  /// Forgets the models that nobody has offered for longest; says how many.
  static int pruneModels(Connection connection, int kept) throws SQLException {
    return Sql.update(
        connection,
        """
        DELETE FROM models_seen WHERE model IN
          (SELECT model FROM models_seen ORDER BY seen_at DESC, model LIMIT -1 OFFSET ?)
        """,
        kept);
  }

  static List<ModelName> models(Connection connection) throws SQLException {
    return Sql.rows(
        connection,
        row -> new ModelName(row.getString("model")),
        "SELECT model FROM models_seen ORDER BY model");
  }
}
