package dev.tutti.store;

import dev.tutti.core.TaskId;
import dev.tutti.worklist.Claim;
import dev.tutti.worklist.Item;
import dev.tutti.worklist.ItemResult;
import dev.tutti.worklist.ItemState;
import dev.tutti.worklist.ItemView;
import dev.tutti.worklist.Page;
import dev.tutti.worklist.Viewer;
import dev.tutti.worklist.Wishes;
import dev.tutti.worklist.WorkLimits;
import dev.tutti.worklist.WorkStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The table `items`.
final class ItemTable {
  private static final String VIEW =
      """
      SELECT seq, id, batch, principal, endpoint, model, priority, state, attempts, created_at,
        expires_at, started_at, ended_at, status FROM items
      """;

  /// What every item loses when it ends: nobody will read again what was asked.
  private static final String ENDS = "body = x'', ended_at = ?";

  private ItemTable() {}

  // ---- coming

  /// Whether these fit beside what is kept.
  static boolean hasRoom(Connection connection, List<Item> items) throws SQLException {
    long bytes = items.stream().mapToLong(item -> item.body().length).sum();
    return Sql.number(connection, "SELECT items FROM items_kept") + items.size()
            <= WorkLimits.MAX_ITEMS
        && Sql.number(connection, "SELECT bytes FROM items_kept") + bytes
            <= WorkLimits.MAX_ITEM_BYTES.value();
  }

  static void add(Connection connection, List<Item> items) throws SQLException {
    for (Item item : items) {
      Wishes wishes = item.wishes();
      Sql.update(
          connection,
          """
          INSERT INTO items (id, batch, line, custom_id, principal, endpoint, model, priority, type,
            node, substitute, local, session, body, state, epoch, claim, attempts, created_at, expires_at,
            content_type, result, size)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'QUEUED', 0, 0, 0, ?, ?, '', x'', ?)
          """,
          item.id(),
          item.batch().orElse(""),
          item.line(),
          item.customId(),
          item.principal(),
          item.endpoint(),
          item.model(),
          wishes.priority(),
          wishes.type(),
          wishes.node(),
          wishes.substitute(),
          wishes.local(),
          wishes.session(),
          item.body(),
          item.createdAt(),
          item.expiresAt(),
          item.body().length);
    }
  }

  // ---- claims

  static List<Claim> claim(
      Connection connection, long epoch, int most, Set<String> without, Instant now)
      throws SQLException {
    var values = new ArrayList<Object>(without);
    values.add(most);
    List<Long> next =
        Sql.rows(
            connection,
            row -> row.getLong(1),
            "SELECT seq FROM items WHERE state = 'QUEUED'"
                + (without.isEmpty() ? "" : " AND model NOT IN (" + marks(without.size()) + ")")
                + " ORDER BY priority DESC, line, seq LIMIT ?",
            values.toArray());
    var claims = new ArrayList<Claim>();
    for (long seq : next) {
      Sql.update(
          connection,
          """
          UPDATE items SET state = 'RUNNING', epoch = ?, claim = claim + 1,
            attempts = attempts + 1, started_at = ? WHERE seq = ?
          """,
          epoch,
          now,
          seq);
      claims.addAll(
          Sql.rows(connection, ItemTable::claimed, "SELECT * FROM items WHERE seq = ?", seq));
    }
    return List.copyOf(claims);
  }

  private static String marks(int count) {
    var marks = new String[count];
    Arrays.fill(marks, "?");
    return String.join(", ", marks);
  }

  private static Claim claimed(ResultSet row) throws SQLException {
    var item =
        new Item(
            new TaskId(row.getString("id")),
            batch(row),
            row.getInt("line"),
            row.getString("custom_id"),
            row.getString("principal"),
            row.getString("endpoint"),
            row.getString("model"),
            wishes(row),
            row.getBytes("body"),
            Instant.ofEpochMilli(row.getLong("created_at")),
            Instant.ofEpochMilli(row.getLong("expires_at")));
    return new Claim(
        item, new Claim.Fence(row.getLong("epoch"), row.getInt("claim")), row.getInt("attempts"));
  }

  static Wishes wishes(ResultSet row) throws SQLException {
    return new Wishes(
        row.getInt("priority"),
        row.getString("type"),
        row.getString("node"),
        row.getBoolean("substitute"),
        row.getBoolean("local"),
        row.getString("session"));
  }

  /// Writes the result and the state in one statement, over that very claim only.
  static boolean finish(
      Connection connection, TaskId id, Claim.Fence fence, ItemResult result, Instant now)
      throws SQLException {
    return Sql.update(
            connection,
            "UPDATE items SET state = ?, status = ?, content_type = ?, result = ?, size = ?, "
                + ENDS
                + " WHERE id = ? AND state = 'RUNNING' AND epoch = ? AND claim = ?",
            result.state(),
            result.status().isPresent() ? result.status().getAsInt() : null,
            result.contentType(),
            result.body(),
            result.body().length,
            now,
            id,
            fence.epoch(),
            fence.number())
        > 0;
  }

  static boolean release(Connection connection, TaskId id, Claim.Fence fence, boolean counted)
      throws SQLException {
    return Sql.update(
            connection,
            """
            UPDATE items SET state = 'QUEUED', attempts = attempts - ?
            WHERE id = ? AND state = 'RUNNING' AND epoch = ? AND claim = ?
            """,
            counted ? 0 : 1,
            id,
            fence.epoch(),
            fence.number())
        > 0;
  }

  // ---- ends without a claim

  /// The items a dead life had under way; some of them once too often.
  static int interrupted(Connection connection, long epoch, int attempts, Instant now)
      throws SQLException {
    List<String> batches =
        Sql.rows(
            connection,
            row -> row.getString(1),
            "SELECT batch FROM items WHERE state = 'RUNNING' AND epoch < ? AND attempts >= ?",
            epoch,
            attempts);
    int failed =
        Sql.update(
            connection,
            "UPDATE items SET state = 'FAILED', size = 0, "
                + ENDS
                + " WHERE state = 'RUNNING' AND epoch < ? AND attempts >= ?",
            now,
            epoch,
            attempts);
    for (String batch : batches) {
      BatchTable.ended(connection, batch, 0, 1, now);
    }
    return failed
        + Sql.update(
            connection,
            "UPDATE items SET state = 'QUEUED' WHERE state = 'RUNNING' AND epoch < ?",
            epoch);
  }

  static Optional<ItemState> state(Connection connection, TaskId id) throws SQLException {
    return Sql.rows(
            connection,
            row -> ItemState.valueOf(row.getString("state")),
            "SELECT state FROM items WHERE id = ?",
            id)
        .stream()
        .findFirst();
  }

  static Optional<String> batchOf(Connection connection, TaskId id) throws SQLException {
    return Sql.rows(connection, ItemTable::batch, "SELECT batch FROM items WHERE id = ?", id)
        .stream()
        .flatMap(Optional::stream)
        .findFirst();
  }

  static void cancel(Connection connection, TaskId id, Instant now) throws SQLException {
    Sql.update(
        connection,
        "UPDATE items SET state = 'CANCELLED', size = 0, " + ENDS + " WHERE id = ?",
        now,
        id);
  }

  static int cancelWaiting(Connection connection, String batch, Instant now) throws SQLException {
    return Sql.update(
        connection,
        "UPDATE items SET state = 'CANCELLED', size = 0, "
            + ENDS
            + " WHERE batch = ? AND state = 'QUEUED'",
        now,
        batch);
  }

  /// Ends a bunch of what waits too long.
  ///
  /// @return the batch of each, empty text without one
  static List<String> expire(Connection connection, Instant now) throws SQLException {
    record Late(long seq, String batch) {}
    List<Late> late =
        Sql.rows(
            connection,
            row -> new Late(row.getLong("seq"), row.getString("batch")),
            """
            SELECT seq, batch FROM items WHERE state = 'QUEUED' AND expires_at <= ?
            ORDER BY expires_at LIMIT ?
            """,
            now,
            WorkLimits.BUNCH);
    for (Late each : late) {
      Sql.update(
          connection,
          "UPDATE items SET state = 'EXPIRED', size = 0, " + ENDS + " WHERE seq = ?",
          now,
          each.seq());
    }
    return late.stream().map(Late::batch).toList();
  }

  static int count(Connection connection, String batch) throws SQLException {
    return Sql.rows(
            connection, row -> row.getInt(1), "SELECT count(*) FROM items WHERE batch = ?", batch)
        .getFirst();
  }

  static void forget(Connection connection, String batch) throws SQLException {
    Sql.update(connection, "DELETE FROM items WHERE batch = ?", batch);
  }

  /// Forgets a bunch of what is kept no longer.
  static void tidy(Connection connection, Instant now) throws SQLException {
    Sql.update(
        connection,
        """
        DELETE FROM items WHERE seq IN (
          SELECT i.seq FROM batches b JOIN items i ON i.batch = b.id
          WHERE b.state IN ('COMPLETED', 'FAILED', 'EXPIRED', 'CANCELLED') LIMIT ?)
        """,
        WorkLimits.BUNCH);
    Sql.update(
        connection,
        """
        DELETE FROM items WHERE seq IN (
          SELECT seq FROM items WHERE batch = '' AND ended_at IS NOT NULL AND ended_at < ?
          ORDER BY ended_at LIMIT ?)
        """,
        now.minus(WorkLimits.RESULTS_KEPT),
        WorkLimits.BUNCH);
    Sql.update(
        connection,
        """
        DELETE FROM items WHERE seq IN (
          SELECT seq FROM items WHERE batch = '' AND ended_at IS NOT NULL
          ORDER BY ended_at DESC LIMIT ? OFFSET ?)
        """,
        WorkLimits.BUNCH,
        WorkLimits.MAX_RESULTS);
  }

  // ---- questions

  static Optional<ItemView> view(Connection connection, TaskId id, Viewer viewer)
      throws SQLException {
    return Sql.rows(
            connection,
            ItemTable::view,
            VIEW + " WHERE id = ? AND (? OR principal = ?)",
            id,
            viewer.everything(),
            viewer.principal())
        .stream()
        .findFirst();
  }

  static Page<ItemView> page(
      Connection connection, Viewer viewer, Optional<ItemState> state, Page.Ask ask)
      throws SQLException {
    return Paging.page(
        connection,
        ItemTable::view,
        VIEW,
        "items",
        "batch = '' AND (? OR principal = ?) AND (? = '' OR state = ?)",
        ask,
        viewer.everything(),
        viewer.principal(),
        state.map(Enum::name).orElse(""),
        state.map(Enum::name).orElse(""));
  }

  private static ItemView view(ResultSet row) throws SQLException {
    return new ItemView(
        new TaskId(row.getString("id")),
        batch(row),
        row.getString("principal"),
        row.getString("endpoint"),
        row.getString("model"),
        row.getInt("priority"),
        ItemState.valueOf(row.getString("state")),
        row.getInt("attempts"),
        Instant.ofEpochMilli(row.getLong("created_at")),
        Instant.ofEpochMilli(row.getLong("expires_at")),
        Sql.moment(row, "started_at"),
        Sql.moment(row, "ended_at"),
        Sql.count(row, "status"));
  }

  static Optional<ItemResult> result(Connection connection, TaskId id) throws SQLException {
    return Sql.rows(
            connection,
            ItemTable::result,
            """
            SELECT state, status, content_type, result FROM items
            WHERE id = ? AND state NOT IN ('QUEUED', 'RUNNING')
            """,
            id)
        .stream()
        .findFirst();
  }

  private static ItemResult result(ResultSet row) throws SQLException {
    return new ItemResult(
        ItemState.valueOf(row.getString("state")),
        Sql.count(row, "status"),
        row.getString("content_type"),
        row.getBytes("result"));
  }

  /// The next lines of a batch's output, so few that they fit into memory.
  static List<WorkStore.Line> lines(Connection connection, String batch, int after, int most)
      throws SQLException {
    record Size(int line, long bytes) {}
    List<Size> sizes =
        Sql.rows(
            connection,
            row -> new Size(row.getInt("line"), row.getLong("size")),
            "SELECT line, size FROM items WHERE batch = ? AND line > ? ORDER BY line LIMIT ?",
            batch,
            after,
            most);
    if (sizes.isEmpty()) {
      return List.of();
    }
    int last = sizes.getFirst().line();
    long bytes = 0;
    for (Size size : sizes) {
      bytes += size.bytes();
      if (bytes > WorkLimits.BUNCH_BYTES) {
        break;
      }
      last = size.line();
    }
    return Sql.rows(
        connection,
        row ->
            new WorkStore.Line(
                row.getInt("line"),
                new TaskId(row.getString("id")),
                row.getString("custom_id"),
                result(row)),
        """
        SELECT line, id, custom_id, state, status, content_type, result FROM items
        WHERE batch = ? AND line > ? AND line <= ? AND state NOT IN ('QUEUED', 'RUNNING')
        ORDER BY line
        """,
        batch,
        after,
        last);
  }

  private static Optional<String> batch(ResultSet row) throws SQLException {
    return Sql.text(row, "batch").filter(batch -> !batch.isEmpty());
  }
}
