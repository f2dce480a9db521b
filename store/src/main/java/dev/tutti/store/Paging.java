package dev.tutti.store;

import dev.tutti.worklist.Page;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Lists of rows that have a growing `seq` and an `id`.
final class Paging {
  private Paging() {}

  /// One stretch of the rows that fit; empty when `ask.after` names no row.
  ///
  /// @param select all of the statement before WHERE
  /// @param condition over those rows
  /// @param values of the condition
  static <T> Page<T> page(
      Connection connection,
      Sql.Row<T> row,
      String select,
      String table,
      String condition,
      Page.Ask ask,
      @Nullable Object... values)
      throws SQLException {
    var all = new ArrayList<@Nullable Object>(List.of());
    for (Object value : values) {
      all.add(value);
    }
    var sql = new StringBuilder(select).append(" WHERE ").append(condition);
    if (!ask.after().isEmpty()) {
      sql.append(" AND seq ").append(ask.newestFirst() ? "<" : ">");
      sql.append(" (SELECT seq FROM ").append(table).append(" WHERE id = ?)");
      all.add(ask.after());
    }
    sql.append(" ORDER BY seq ").append(ask.newestFirst() ? "DESC" : "ASC").append(" LIMIT ?");
    all.add(ask.limit() + 1);
    List<T> rows = Sql.rows(connection, row, sql.toString(), all.toArray());
    boolean more = rows.size() > ask.limit();
    return new Page<>(more ? rows.subList(0, ask.limit()) : rows, more);
  }
}
