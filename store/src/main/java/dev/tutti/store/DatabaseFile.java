package dev.tutti.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// The file, brought to the tables this version knows, and the connections to it.
final class DatabaseFile {
  /// The newest migration. Each migration ends by writing its number to `user_version`, in the
  /// transaction Flyway runs it in, so the number never says more than what has happened.
  static final int NEWEST = 5;

  private static final String MIGRATIONS = "classpath:dev/tutti/store/migration";

  private final Path file;
  private final StoreLimits limits;

  private DatabaseFile(Path file, StoreLimits limits) {
    this.file = file;
    this.limits = limits;
  }

  /// Makes the file if there is none, checks it, and migrates it where it is not of today.
  ///
  /// Reading one number from the file's header is all that a file of today costs: Flyway alone
  /// takes longer to load than the rest of the store.
  ///
  /// @throws dev.tutti.core.MeshException when the file cannot be used; the message says what would
  ///   help
  static DatabaseFile prepare(Path file, StoreLimits limits) {
    var database = new DatabaseFile(file.toAbsolutePath().normalize(), limits);
    database.create();
    try (Connection connection = database.connect()) {
      database.check(connection);
      long version = Sql.number(connection, "PRAGMA user_version");
      if (version > NEWEST) {
        throw DatabaseTrouble.refused(DatabaseTrouble.newer(database.file, version, NEWEST));
      }
      // Stays in the file, and needs a moment in which nobody else has it open.
      Sql.execute(connection, "PRAGMA journal_mode = WAL");
      if (version < NEWEST) {
        database.migrate();
      }
    } catch (SQLException trouble) {
      throw DatabaseTrouble.fatal(DatabaseTrouble.message(database.file, trouble), trouble);
    }
    return database;
  }

  Path file() {
    return file;
  }

  /// The one connection that writes.
  Connection writer() throws SQLException {
    Connection connection = connect();
    try {
      // On macOS only this makes the disk, and not just its cache, keep what was committed.
      Sql.execute(connection, "PRAGMA fullfsync = ON");
      Sql.execute(connection, "PRAGMA journal_size_limit = " + StoreLimits.WAL_KEPT_BYTES.value());
      long pages = limits.fileBytes().value() / Sql.number(connection, "PRAGMA page_size");
      Sql.execute(connection, "PRAGMA max_page_count = " + Math.max(1, pages));
      return connection;
    } catch (SQLException trouble) {
      connection.close();
      throw trouble;
    }
  }

  /// A connection that cannot write.
  Connection reader() throws SQLException {
    Connection connection = connect();
    try {
      Sql.execute(connection, "PRAGMA query_only = ON");
      return connection;
    } catch (SQLException trouble) {
      connection.close();
      throw trouble;
    }
  }

  private Connection connect() throws SQLException {
    return source().getConnection();
  }

  private SQLiteDataSource source() {
    var config = new SQLiteConfig();
    config.setBusyTimeout((int) StoreLimits.LOCK_WAIT.toMillis());
    var source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    return source;
  }

  /// Only its owner may read it: it holds the hashes of keys and credentials. SQLite gives its own
  /// side files the same permissions.
  private void create() {
    try {
      Path directory = file.getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      if (!Files.exists(file)) {
        Files.createFile(file, ownerOnly());
      }
    } catch (FileAlreadyExistsException taken) {
      if (!Files.isRegularFile(file)) {
        throw DatabaseTrouble.fatal(DatabaseTrouble.unwritable(file), taken);
      }
    } catch (IOException trouble) {
      throw DatabaseTrouble.fatal(DatabaseTrouble.unwritable(file), trouble);
    }
    if (!Files.isRegularFile(file) || !Files.isReadable(file) || !Files.isWritable(file)) {
      throw DatabaseTrouble.refused(DatabaseTrouble.unwritable(file));
    }
  }

  private FileAttribute<?>[] ownerOnly() {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  /// A damaged head is noticed in any file, damage further in only where the file is small enough
  /// to be read at once; in a larger one it shows when the page is read.
  private void check(Connection connection) throws SQLException {
    Sql.number(connection, "SELECT count(*) FROM sqlite_schema");
    long size =
        Sql.number(connection, "PRAGMA page_count") * Sql.number(connection, "PRAGMA page_size");
    if (size > StoreLimits.CHECKED_BYTES.value()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement("PRAGMA quick_check(1)");
        ResultSet results = statement.executeQuery()) {
      if (results.next() && !results.getString(1).equals("ok")) {
        throw DatabaseTrouble.refused(DatabaseTrouble.damaged(file));
      }
    }
  }

  private void migrate() {
    try {
      Flyway.configure(DatabaseFile.class.getClassLoader())
          .dataSource(source())
          .locations(MIGRATIONS)
          .loggers("slf4j")
          .skipDefaultCallbacks(true)
          .load()
          .migrate();
    } catch (FlywayException trouble) {
      throw DatabaseTrouble.fatal(
          trouble.getCause() instanceof SQLException
              ? DatabaseTrouble.message(file, trouble)
              : DatabaseTrouble.foreign(file),
          trouble);
    }
  }
}
