package dev.tutti.store;

import dev.tutti.worklist.Batch;
import dev.tutti.worklist.BatchState;
import dev.tutti.worklist.Page;
import dev.tutti.worklist.Viewer;
import dev.tutti.worklist.Wishes;
import dev.tutti.worklist.WorkLimits;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The table `batches`.
final class BatchTable {
  private BatchTable() {}

  static boolean add(Connection connection, Batch batch) throws SQLException {
    if (Sql.number(connection, "SELECT count(*) FROM batches") >= WorkLimits.MAX_BATCHES
        || !FileTable.isKnown(connection, batch.inputFile())) {
      return false;
    }
    Wishes wishes = batch.wishes();
    Sql.update(
        connection,
        """
        INSERT INTO batches (id, principal, endpoint, input_file, metadata, priority, type, node,
          substitute, local, session, outputs_live, state, late, total, completed, failed, errors,
          created_at, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'VALIDATING', 0, 0, 0, 0, '', ?, ?)
        """,
        batch.id(),
        batch.principal(),
        batch.endpoint(),
        batch.inputFile(),
        batch.metadata(),
        wishes.priority(),
        wishes.type(),
        wishes.node(),
        wishes.substitute(),
        wishes.local(),
        wishes.session(),
        batch.outputsLive(),
        batch.times().createdAt(),
        batch.times().expiresAt());
    return true;
  }

  static boolean isIn(Connection connection, String id, BatchState state) throws SQLException {
    return !Sql.rows(
            connection,
            row -> row.getString("id"),
            "SELECT id FROM batches WHERE id = ? AND state = ?",
            id,
            state)
        .isEmpty();
  }

  static boolean start(Connection connection, String id, Instant now) throws SQLException {
    return Sql.update(
            connection,
            """
            UPDATE batches SET state = 'IN_PROGRESS', in_progress_at = ?,
              total = (SELECT count(*) FROM items WHERE batch = batches.id)
            WHERE id = ? AND state = 'VALIDATING'
            """,
            now,
            id)
        > 0;
  }

  static boolean reject(Connection connection, String id, String errors, Instant now)
      throws SQLException {
    return Sql.update(
            connection,
            """
            UPDATE batches SET state = 'FAILED', errors = ?, ended_at = ?
            WHERE id = ? AND state = 'VALIDATING'
            """,
            errors,
            now,
            id)
        > 0;
  }

  static boolean cancel(Connection connection, String id, Instant now) throws SQLException {
    return Sql.update(
            connection,
            """
            UPDATE batches SET state = 'CANCELLING', cancelling_at = ?,
              total = (SELECT count(*) FROM items WHERE batch = batches.id)
            WHERE id = ? AND state IN ('VALIDATING', 'IN_PROGRESS')
            """,
            now,
            id)
        > 0;
  }

  /// Counts items that have ended. When they were the last ones, the batch goes on to its output.
  ///
  /// @return the batch when no item of it is open any more
  static Optional<String> ended(
      Connection connection, String id, int completed, int failed, Instant now)
      throws SQLException {
    if (id.isEmpty()) {
      return Optional.empty();
    }
    Sql.update(
        connection,
        "UPDATE batches SET completed = completed + ?, failed = failed + ? WHERE id = ?",
        completed,
        failed,
        id);
    Sql.update(
        connection,
        """
        UPDATE batches SET state = 'FINALIZING', finalizing_at = ?
        WHERE id = ? AND state = 'IN_PROGRESS' AND completed + failed >= total
        """,
        now,
        id);
    return Sql.rows(
            connection,
            row -> row.getString("id"),
            """
            SELECT id FROM batches WHERE id = ? AND state IN ('FINALIZING', 'CANCELLING')
              AND completed + failed >= total
            """,
            id)
        .stream()
        .findFirst();
  }

  static void late(Connection connection, Instant now) throws SQLException {
    Sql.update(
        connection,
        "UPDATE batches SET late = 1 WHERE state = 'IN_PROGRESS' AND expires_at <= ?",
        now);
  }

  static List<String> validating(Connection connection) throws SQLException {
    return Sql.rows(
        connection,
        row -> row.getString("id"),
        "SELECT id FROM batches WHERE state = 'VALIDATING' ORDER BY seq");
  }

  static List<String> withoutOpenItems(Connection connection) throws SQLException {
    return Sql.rows(
        connection,
        row -> row.getString("id"),
        """
        SELECT id FROM batches WHERE state IN ('FINALIZING', 'CANCELLING')
          AND completed + failed >= total ORDER BY seq
        """);
  }

  static boolean finish(
      Connection connection,
      String id,
      Optional<String> output,
      Optional<String> errors,
      Instant now)
      throws SQLException {
    return Sql.update(
            connection,
            """
            UPDATE batches SET output_file = ?, error_file = ?, ended_at = ?,
              state = CASE WHEN state = 'CANCELLING' THEN 'CANCELLED'
                           WHEN late THEN 'EXPIRED' ELSE 'COMPLETED' END
            WHERE id = ? AND state IN ('FINALIZING', 'CANCELLING')
            """,
            output,
            errors,
            now,
            id)
        > 0;
  }

  static void tidy(Connection connection, Instant now) throws SQLException {
    Sql.update(
        connection,
        """
        DELETE FROM batches WHERE seq IN (
          SELECT seq FROM batches WHERE ended_at < ?
            AND NOT EXISTS (SELECT 1 FROM items WHERE batch = batches.id) LIMIT ?)
        """,
        now.minus(WorkLimits.BATCHES_KEPT),
        WorkLimits.BUNCH);
  }

  static Optional<Batch> batch(Connection connection, String id, Viewer viewer)
      throws SQLException {
    return Sql.rows(
            connection,
            BatchTable::batch,
            "SELECT * FROM batches WHERE id = ? AND (? OR principal = ?)",
            id,
            viewer.everything(),
            viewer.principal())
        .stream()
        .findFirst();
  }

  static Page<Batch> page(Connection connection, Viewer viewer, Page.Ask ask) throws SQLException {
    return Paging.page(
        connection,
        BatchTable::batch,
        "SELECT * FROM batches",
        "batches",
        "(? OR principal = ?)",
        ask,
        viewer.everything(),
        viewer.principal());
  }

  private static Batch batch(ResultSet row) throws SQLException {
    return new Batch(
        row.getString("id"),
        row.getString("principal"),
        row.getString("endpoint"),
        row.getString("input_file"),
        row.getString("metadata"),
        ItemTable.wishes(row),
        Sql.duration(row, "outputs_live"),
        BatchState.valueOf(row.getString("state")),
        new Batch.Counts(row.getInt("total"), row.getInt("completed"), row.getInt("failed")),
        new Batch.Files(Sql.text(row, "output_file"), Sql.text(row, "error_file")),
        row.getString("errors"),
        new Batch.Times(
            Instant.ofEpochMilli(row.getLong("created_at")),
            Instant.ofEpochMilli(row.getLong("expires_at")),
            Sql.moment(row, "in_progress_at"),
            Sql.moment(row, "finalizing_at"),
            Sql.moment(row, "cancelling_at"),
            Sql.moment(row, "ended_at")));
  }
}
