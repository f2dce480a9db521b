package dev.tutti.store;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;

/// Says in words that help what SQLite says in codes.
final class DatabaseTrouble {
  /// Extended codes carry the primary one in their low byte.
  private static final int PRIMARY = 0xff;

  private DatabaseTrouble() {}

  /// What to tell the owner.
  static String message(Path file, Throwable cause) {
    for (Throwable link = cause; link != null; link = link.getCause()) {
      if (link instanceof SQLException sql) {
        return message(file, sql);
      }
    }
    return say(file, "fails: " + cause.getMessage(), "no such bug of ours");
  }

  private static String message(Path file, SQLException cause) {
    int code = cause.getErrorCode() & PRIMARY;
    if (code == SQLiteErrorCode.SQLITE_FULL.code) {
      return say(file, "cannot grow", "free space on its disk, and a size below its limit");
    }
    if (code == SQLiteErrorCode.SQLITE_READONLY.code
        || code == SQLiteErrorCode.SQLITE_CANTOPEN.code
        || code == SQLiteErrorCode.SQLITE_PERM.code) {
      return unwritable(file);
    }
    if (code == SQLiteErrorCode.SQLITE_NOTADB.code) {
      return foreign(file);
    }
    if (code == SQLiteErrorCode.SQLITE_CORRUPT.code) {
      return damaged(file);
    }
    if (code == SQLiteErrorCode.SQLITE_BUSY.code || code == SQLiteErrorCode.SQLITE_LOCKED.code) {
      return say(file, "is locked by another process", "one process that writes to it");
    }
    if (code == SQLiteErrorCode.SQLITE_IOERR.code) {
      return say(file, "cannot be read or written", "a disk that works");
    }
    return say(file, "refuses: " + cause.getMessage(), "a statement that fits its tables");
  }

  /// Whether a failure is the caller's alone, so that it says nothing about the database.
  static boolean isOfTheChange(Throwable failure) {
    return failure instanceof RuntimeException
        || (failure instanceof SQLException sql
            && (sql.getErrorCode() & PRIMARY) == SQLiteErrorCode.SQLITE_CONSTRAINT.code);
  }

  static String unwritable(Path file) {
    return say(file, "cannot be written", "a file and a directory that this user may write to");
  }

  static String foreign(Path file) {
    return say(file, "is no database of ours", "one that Tutti made; move it away to begin anew");
  }

  static String damaged(Path file) {
    return say(file, "is damaged", "an intact one; restore a copy, or move it away to begin anew");
  }

  static String newer(Path file, long version, int known) {
    return say(
        file,
        "was written by a newer Tutti (version " + version + " of its tables)",
        "version " + known + " or older");
  }

  /// One line for the owner: what is wrong with the file, and what would be right.
  static String say(Path file, String wrong, String expected) {
    return "database: " + file + " " + wrong + " (expected: " + expected + ")";
  }

  /// A failure that keeps the store from serving at all.
  static MeshException fatal(String message, Throwable cause) {
    return new MeshException(Failure.of(FailureCode.INTERNAL, Retry.POINTLESS, message), cause);
  }

  /// A change or a query that did not happen.
  static MeshException refused(String message) {
    return new MeshException(Failure.of(FailureCode.INTERNAL, Retry.SAFE_NOT_STARTED, message));
  }

  /// A change or a query that did not happen, and what caused it.
  static MeshException refused(String message, Throwable cause) {
    return new MeshException(
        Failure.of(FailureCode.INTERNAL, Retry.SAFE_NOT_STARTED, message), cause);
  }
}
