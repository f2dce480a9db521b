package dev.tutti.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What can be seen in the sources only.
class SourcesTest {
  private static final Path ROOT = Path.of(System.getProperty("tutti.root", ".."));

  @Test
  void every_package_says_what_it_is_for_and_knows_no_null() {
    var undocumented = new TreeSet<String>();
    for (Path file : sources("src/main/java")) {
      Path info = file.resolveSibling("package-info.java");
      if (!Files.exists(info)
          || !read(info).startsWith("///")
          || !read(info).contains("@NullMarked")) {
        undocumented.add(ROOT.relativize(info).toString());
      }
    }
    assertThat(undocumented).isEmpty();
  }

  @Test
  void no_test_sleeps() {
    assertThat(sources("src/test/java"))
        .filteredOn(file -> !file.getFileName().toString().equals("SourcesTest.java"))
        .filteredOn(file -> read(file).contains("Thread.sleep"))
        .isEmpty();
  }

  @Test
  void no_test_is_disabled_in_silence() {
    assertThat(sources("src/test/java"))
        .filteredOn(file -> !file.getFileName().toString().equals("SourcesTest.java"))
        .filteredOn(file -> read(file).matches("(?s).*@Disabled\\s*(\\R|$).*"))
        .isEmpty();
  }

  @Test
  void unfinished_work_is_not_left_in_the_sources() {
    assertThat(sources("src/main/java"))
        .filteredOn(file -> read(file).matches("(?s).*\\b(TODO|FIXME|XXX)\\b.*"))
        .isEmpty();
  }

  private static List<Path> sources(String below) {
    try (Stream<Path> rooms = Files.list(ROOT)) {
      return rooms
          .map(room -> room.resolve(below))
          .filter(Files::isDirectory)
          .flatMap(SourcesTest::javaFiles)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Path> javaFiles(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
