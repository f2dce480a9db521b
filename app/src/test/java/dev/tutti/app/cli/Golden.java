package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Texts kept beside the tests. `-Dgolden.update` writes them anew; a look at the difference then
/// is the test.
final class Golden {
  private Golden() {}

  /// A text of the test's resources.
  static String resource(String name) {
    try (var in = Golden.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("resource: " + name + " (expected: beside the tests)");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The root of the source tree.
  static Path root() {
    return Path.of(System.getProperty("tutti.root", ".")).toAbsolutePath().normalize();
  }

  /// Compares a text with the one that is kept in the source tree.
  static void check(Path file, String text) throws IOException {
    if (System.getProperty("golden.update") != null) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    }
    assertThat(file).as("kept text (-Dgolden.update writes it)").exists();
    assertThat(text).isEqualTo(Files.readString(file));
  }

  /// Compares a table with the one that is kept beside the tests.
  static void checkTable(String name, String text) throws IOException {
    check(root().resolve("app/src/test/resources/dev/tutti/app/cli/golden/" + name), text);
  }
}
