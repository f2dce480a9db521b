package dev.tutti.store;

import java.sql.Connection;
import java.sql.SQLException;

/// A question to the database.
///
/// @param <T> the answer
@FunctionalInterface
interface Query<T> {
  /// Asks it.
  T ask(Connection connection) throws SQLException;
}
