package dev.tutti.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Statements with values, and how our words look in columns.
final class Sql {
  private Sql() {}

  /// Runs one statement that changes rows; says how many.
  static int update(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      return statement.executeUpdate();
    }
  }

  /// Every row of the answer.
  static <T> List<T> rows(Connection connection, Row<T> row, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      try (ResultSet results = statement.executeQuery()) {
        var rows = new ArrayList<T>();
        while (results.next()) {
          rows.add(row.read(results));
        }
        return List.copyOf(rows);
      }
    }
  }

  /// Runs a statement that takes no values.
  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /// The number in the first column of the first row; 0 when there is none.
  static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery(sql)) {
      return results.next() ? results.getLong(1) : 0;
    }
  }

  /// Sets every parameter. An empty optional is NULL; moments and durations are milliseconds.
  static void bind(PreparedStatement statement, @Nullable Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, column(values[i]));
    }
  }

  private static @Nullable Object column(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Optional<?> optional -> column(optional.orElse(null));
      case Instant moment -> moment.toEpochMilli();
      case Duration duration -> duration.toMillis();
      case Boolean yes -> yes ? 1 : 0;
      case Number number -> number;
      case byte[] bytes -> bytes;
      case Enum<?> constant -> constant.name();
      case Object other -> other.toString();
    };
  }

  static Optional<String> text(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getString(column));
  }

  static OptionalInt count(ResultSet row, String column) throws SQLException {
    int count = row.getInt(column);
    return row.wasNull() ? OptionalInt.empty() : OptionalInt.of(count);
  }

  static Optional<Instant> moment(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  static Optional<Duration> duration(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
  }

  /// The constant of that name; empty when the column is NULL or was written by a newer version
  /// that has more constants.
  static <E extends Enum<E>> Optional<E> constant(Class<E> type, ResultSet row, String column)
      throws SQLException {
    String name = row.getString(column);
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(name)) {
        return Optional.of(constant);
      }
    }
    return Optional.empty();
  }

  /// Makes a value of one row.
  ///
  /// @param <T> the value
  @FunctionalInterface
  interface Row<T> {
    /// Reads the row the results stand on.
    T read(ResultSet row) throws SQLException;
  }
}
