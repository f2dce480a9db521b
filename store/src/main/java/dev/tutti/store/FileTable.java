package dev.tutti.store;

import dev.tutti.worklist.Page;
import dev.tutti.worklist.StoredFile;
import dev.tutti.worklist.Viewer;
import dev.tutti.worklist.WorkLimits;
import dev.tutti.worklist.WorkStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The table `files`: what is known of files, whose bytes are beside the database.
final class FileTable {
  private FileTable() {}

  static boolean hasRoom(Connection connection, StoredFile file) throws SQLException {
    return Sql.number(connection, "SELECT count(*) FROM files") < WorkLimits.MAX_FILES
        && Sql.number(connection, "SELECT sum(bytes) FROM files") + file.bytes()
            <= WorkLimits.MAX_FILE_BYTES.value();
  }

  static void add(Connection connection, StoredFile file) throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO files (id, principal, name, purpose, bytes, created_at, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        file.id(),
        file.principal(),
        file.name(),
        file.purpose(),
        file.bytes(),
        file.createdAt(),
        file.expiresAt());
  }

  static boolean isKnown(Connection connection, String id) throws SQLException {
    return !Sql.rows(
            connection, row -> row.getString("id"), "SELECT id FROM files WHERE id = ?", id)
        .isEmpty();
  }

  static WorkStore.Removed remove(Connection connection, String id) throws SQLException {
    boolean wanted =
        !Sql.rows(
                connection,
                row -> row.getString("id"),
                "SELECT id FROM batches WHERE input_file = ? AND state = 'VALIDATING'",
                id)
            .isEmpty();
    if (wanted) {
      return WorkStore.Removed.IN_USE;
    }
    return Sql.update(connection, "DELETE FROM files WHERE id = ?", id) > 0
        ? WorkStore.Removed.YES
        : WorkStore.Removed.UNKNOWN;
  }

  /// Forgets a bunch of files whose time is over; tells which.
  static List<String> expire(Connection connection, Instant now) throws SQLException {
    List<String> late =
        Sql.rows(
            connection,
            row -> row.getString("id"),
            """
            SELECT id FROM files WHERE expires_at <= ? AND id NOT IN (
              SELECT input_file FROM batches WHERE state = 'VALIDATING') LIMIT ?
            """,
            now,
            WorkLimits.BUNCH);
    for (String id : late) {
      Sql.update(connection, "DELETE FROM files WHERE id = ?", id);
    }
    return late;
  }

  static Set<String> known(Connection connection) throws SQLException {
    return Set.copyOf(Sql.rows(connection, row -> row.getString("id"), "SELECT id FROM files"));
  }

  static Optional<StoredFile> file(Connection connection, String id, Viewer viewer)
      throws SQLException {
    return Sql.rows(
            connection,
            FileTable::file,
            "SELECT * FROM files WHERE id = ? AND (? OR principal = ?)",
            id,
            viewer.everything(),
            viewer.principal())
        .stream()
        .findFirst();
  }

  static Page<StoredFile> page(Connection connection, Viewer viewer, String purpose, Page.Ask ask)
      throws SQLException {
    return Paging.page(
        connection,
        FileTable::file,
        "SELECT * FROM files",
        "files",
        "(? OR principal = ?) AND (? = '' OR purpose = ?)",
        ask,
        viewer.everything(),
        viewer.principal(),
        purpose,
        purpose);
  }

  private static StoredFile file(ResultSet row) throws SQLException {
    return new StoredFile(
        row.getString("id"),
        row.getString("principal"),
        row.getString("name"),
        row.getString("purpose"),
        row.getLong("bytes"),
        Instant.ofEpochMilli(row.getLong("created_at")),
        Sql.moment(row, "expires_at"));
  }
}
