package dev.tutti.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;

/// Stands beside the writer and is told of each statement: whoever wants to know what a death at
/// any point leaves takes a copy of the files there.
@FunctionalInterface
public interface StatementWatch {
  /// Nobody watches.
  StatementWatch NONE = () -> {};

  /// Right before or right after a statement. Called on the writing thread.
  void step();

  /// The connection, watched.
  default Connection over(Connection connection) {
    return equals(NONE) ? connection : watched(Connection.class, connection);
  }

  private <T> T watched(Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              boolean executes = method.getName().startsWith("execute");
              if (executes) {
                step();
              }
              Object answer;
              try {
                answer = method.invoke(target, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
              }
              if (executes) {
                step();
              }
              return switch (answer) {
                case PreparedStatement prepared -> watched(PreparedStatement.class, prepared);
                case Statement statement -> watched(Statement.class, statement);
                case null, default -> answer;
              };
            }));
  }
}
