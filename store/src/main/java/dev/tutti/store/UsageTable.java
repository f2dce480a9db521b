package dev.tutti.store;

import dev.tutti.core.BackendId;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.TaskId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// The table `usage`.
final class UsageTable {
  private UsageTable() {}

  static void add(Connection connection, List<UsageRow> rows) throws SQLException {
    String sql =
        """
        INSERT INTO usage (task, at, principal, dialect, type, model_asked, model_answered, node,
          backend, prompt_tokens, cached_tokens, output_tokens, queued_ms, first_ms, total_ms,
          attempts, outcome, failure)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (UsageRow row : rows) {
        Sql.bind(
            statement,
            row.task(),
            row.at(),
            row.principal(),
            row.dialect(),
            row.type(),
            row.asked(),
            row.answered(),
            row.node(),
            row.backend(),
            row.promptTokens(),
            row.cachedTokens(),
            row.outputTokens(),
            row.queued(),
            row.first(),
            row.total(),
            row.attempts(),
            row.outcome(),
            row.failure());
        statement.executeUpdate();
      }
    }
  }

  /// The newest rows, newest first.
  static List<UsageRow> recent(Connection connection, int count) throws SQLException {
    return Sql.rows(
        connection, UsageTable::row, "SELECT * FROM usage ORDER BY id DESC LIMIT ?", count);
  }

  private static UsageRow row(ResultSet row) throws SQLException {
    return new UsageRow(
        new TaskId(row.getString("task")),
        Instant.ofEpochMilli(row.getLong("at")),
        row.getString("principal"),
        row.getString("dialect"),
        row.getString("type"),
        new ModelName(row.getString("model_asked")),
        Sql.text(row, "model_answered").map(ModelName::new),
        Sql.text(row, "node").map(NodeId::new),
        Sql.text(row, "backend").map(BackendId::new),
        row.getLong("prompt_tokens"),
        row.getLong("cached_tokens"),
        row.getLong("output_tokens"),
        Duration.ofMillis(row.getLong("queued_ms")),
        Sql.duration(row, "first_ms"),
        Duration.ofMillis(row.getLong("total_ms")),
        row.getInt("attempts"),
        Sql.constant(UsageRow.Outcome.class, row, "outcome").orElse(UsageRow.Outcome.FAILED),
        Sql.constant(FailureCode.class, row, "failure"));
  }

  static List<UsageSummary> summary(Connection connection, UsageSummary.By by, Instant since)
      throws SQLException {
    String sql =
        """
        SELECT %s AS bunch, count(*) AS tasks, sum(outcome = 'DONE') AS done,
          sum(prompt_tokens) AS prompt, sum(cached_tokens) AS cached,
          sum(output_tokens) AS output, sum(queued_ms) AS queued, sum(total_ms) AS total
        FROM usage WHERE at >= ? GROUP BY bunch ORDER BY tasks DESC, bunch LIMIT ?
        """
            .formatted(by.expression());
    return Sql.rows(connection, UsageTable::summary, sql, since, StoreLimits.SUMMARY_GROUPS);
  }

  private static UsageSummary summary(ResultSet row) throws SQLException {
    return new UsageSummary(
        row.getString("bunch"),
        row.getLong("tasks"),
        row.getLong("done"),
        row.getLong("prompt"),
        row.getLong("cached"),
        row.getLong("output"),
        Duration.ofMillis(row.getLong("queued")),
        Duration.ofMillis(row.getLong("total")));
  }

  /// Removes rows that are too old or too many, the oldest first and not more than {@link
  /// StoreLimits#pruneRows}; says how many.
  static int prune(Connection connection, StoreLimits limits, Instant now) throws SQLException {
    int tooMany =
        Sql.update(
            connection,
            """
            DELETE FROM usage WHERE id IN (
              SELECT id FROM usage WHERE id <= (SELECT max(id) FROM usage) - ?
              ORDER BY id LIMIT ?)
            """,
            limits.usageRows(),
            limits.pruneRows());
    int tooOld =
        Sql.update(
            connection,
            "DELETE FROM usage WHERE id IN (SELECT id FROM usage WHERE at < ? ORDER BY at LIMIT ?)",
            now.minus(limits.usageAge()),
            limits.pruneRows() - tooMany);
    return tooMany + tooOld;
  }
}
