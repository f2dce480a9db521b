package dev.tutti.store;

import java.sql.Connection;
import java.sql.SQLException;

/// What one writer of the store does to the database within a transaction that is not its own.
///
/// Never answers from a `RETURNING` row: on a full disk SQLite hands out such rows for inserts that
/// are never committed.
///
/// @param <T> what the caller learns once it is committed
@FunctionalInterface
interface Change<T> {
  /// Applies it; may be called again in a new transaction when the first one was rolled back.
  T apply(Connection connection) throws SQLException;
}
