package dev.tutti.store;

import static dev.tutti.store.Samples.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.access.Rights;
import dev.tutti.access.Scope;
import dev.tutti.access.Sha256;
import dev.tutti.core.MeshException;
import dev.tutti.core.SimulatedTime;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

/// Files that are of today, of yesterday, of tomorrow, of somebody else, or broken.
class DatabaseFileTest {
  @TempDir Path directory = Path.of("");
  private Path file = Path.of("");

  @BeforeEach
  void name_the_file() {
    file = directory.resolve("tutti.db");
  }

  private SqliteStore open() {
    return SqliteStore.open(file, new SimulatedTime());
  }

  private void makeOne() {
    try (var store = open()) {
      for (int i = 0; i < 200; i++) {
        store.recordUsage(Samples.done("t-" + i));
      }
      await(store.saveKey(Samples.key("k1")));
    }
  }

  private Connection raw() throws Exception {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }

  private void refuses(String what) {
    assertThatThrownBy(() -> open().close())
        .isInstanceOf(MeshException.class)
        .hasMessageStartingWith("database: " + file)
        .hasMessageContaining(what)
        .hasMessageContaining("(expected: ");
  }

  @Test
  void the_newest_migration_is_the_one_the_code_knows() throws Exception {
    var names = new ArrayList<String>();
    Path migrations = Path.of(DatabaseFile.class.getResource("migration").toURI());
    try (var entries = Files.list(migrations)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    }
    assertThat(names).hasSize(DatabaseFile.NEWEST);
    makeOne();
    try (Connection connection = raw()) {
      assertThat(Sql.number(connection, "PRAGMA user_version")).isEqualTo(DatabaseFile.NEWEST);
      assertThat(
              Sql.number(
                  connection,
                  "SELECT max(CAST(version AS INTEGER)) FROM flyway_schema_history WHERE success"))
          .isEqualTo(DatabaseFile.NEWEST);
    }
  }

  @Test
  void a_file_of_today_is_opened_without_asking_flyway() throws Exception {
    makeOne();
    try (Connection connection = raw()) {
      Sql.execute(connection, "DROP TABLE flyway_schema_history");
    }
    try (var store = open()) {
      assertThat(await(store.keys())).hasSize(1);
    }
    try (Connection connection = raw()) {
      assertThat(
              Sql.number(
                  connection,
                  "SELECT count(*) FROM sqlite_schema WHERE name = 'flyway_schema_history'"))
          .isZero();
    }
  }

  @Test
  void keys_of_the_version_before_go_on_with_what_they_could_do() throws Exception {
    var old = new SQLiteDataSource();
    old.setUrl("jdbc:sqlite:" + file);
    Flyway.configure()
        .dataSource(old)
        .locations("classpath:dev/tutti/store/migration")
        .target("3")
        .load()
        .migrate();
    try (Connection connection = raw()) {
      for (String name : List.of("first", "ann")) {
        Sql.update(
            connection,
            "INSERT INTO keys (id, name, sha256, created_at) VALUES (?, ?, ?, 0)",
            name,
            name,
            Sha256.hex(name));
      }
    }
    try (var store = open()) {
      assertThat(await(store.keys()))
          .extracting(key -> key.name() + " " + new TreeSet<>(key.rights().scopes()))
          .containsExactly("ann [INFER]", "first [INFER, ADMIN, TOOLS, NODES]");
      assertThat(await(store.keys()).getFirst().rights()).isEqualTo(Rights.of(Set.of(Scope.INFER)));
    }
  }

  @Test
  void nodes_of_the_time_before_certificates_are_known_and_have_to_join_anew() throws Exception {
    Flyway.configure(DatabaseFile.class.getClassLoader())
        .dataSource("jdbc:sqlite:" + file, "", "")
        .locations("classpath:dev/tutti/store/migration")
        .target("3")
        .load()
        .migrate();
    try (Connection connection = raw()) {
      Sql.execute(
          connection,
          "INSERT INTO nodes VALUES ('bob', 'HQ', '10.0.0.7', 'hash', 'machine', 1, 0, 0, '')");
    }
    try (var store = open()) {
      assertThat(await(store.nodes()))
          .singleElement()
          .satisfies(node -> {
            assertThat(node.id().value()).isEqualTo("bob");
            assertThat(node.uuid()).isEmpty();
            assertThat(node.certifiedAt()).isEmpty();
          });
    }
  }

  @Test
  void a_file_of_a_newer_version_is_refused_and_left_as_it_is() throws Exception {
    makeOne();
    try (Connection connection = raw()) {
      Sql.execute(connection, "PRAGMA user_version = 99");
    }
    refuses("was written by a newer Tutti (version 99 of its tables)");
  }

  @Test
  void somebody_elses_database_is_refused_and_left_as_it_is() throws Exception {
    try (Connection connection = raw()) {
      Sql.execute(connection, "CREATE TABLE recipes (name TEXT)");
    }
    refuses("is no database of ours");
    try (Connection connection = raw()) {
      List<String> tables =
          Sql.rows(connection, row -> row.getString(1), "SELECT name FROM sqlite_schema");
      assertThat(tables).containsExactly("recipes");
    }
  }

  @Test
  void a_text_file_is_refused() throws Exception {
    Files.writeString(file, "Dear diary, ".repeat(500));
    refuses("is no database of ours");
    assertThat(Files.readString(file)).startsWith("Dear diary");
  }

  @Test
  void a_truncated_file_is_refused() throws Exception {
    makeOne();
    try (var access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(access.length() / 2);
    }
    refuses("is damaged");
  }

  @Test
  void a_file_with_a_torn_page_is_refused() throws Exception {
    makeOne();
    try (var access = new RandomAccessFile(file.toFile(), "rw")) {
      for (long page = 2; page * 4096 < access.length(); page++) {
        access.seek(page * 4096);
        access.write(new byte[] {7, 7, 7, 7, 7, 7, 7, 7});
      }
    }
    refuses("is damaged");
  }

  @Test
  void a_directory_in_its_place_is_refused() throws Exception {
    Files.createDirectory(file);
    refuses("cannot be written");
  }

  @Test
  void a_directory_that_cannot_be_made_is_refused() throws Exception {
    Files.writeString(directory.resolve("home"), "a file");
    file = directory.resolve("home/tutti.db");
    refuses("cannot be written (expected: a file and a directory that this user may write to)");
  }
}
