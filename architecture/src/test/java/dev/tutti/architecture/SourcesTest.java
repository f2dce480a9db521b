package dev.tutti.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// What can be seen in the sources only.
class SourcesTest {
  @Test
  void every_package_says_what_it_is_for_and_knows_no_null() {
    var undocumented = new TreeSet<String>();
    for (Path file : Sources.below("src/main/java")) {
      Path info = file.resolveSibling("package-info.java");
      if (!Files.exists(info)
          || !Sources.read(info).startsWith("///")
          || !Sources.read(info).contains("@NullMarked")) {
        undocumented.add(Sources.ROOT.relativize(info).toString());
      }
    }
    assertThat(undocumented).isEmpty();
  }

  @Test
  void no_test_sleeps() {
    assertThat(Sources.below("src/test/java"))
        .filteredOn(file -> !file.getFileName().toString().equals("SourcesTest.java"))
        .filteredOn(file -> Sources.read(file).contains("Thread.sleep"))
        .isEmpty();
  }

  @Test
  void no_test_is_disabled_in_silence() {
    assertThat(Sources.below("src/test/java"))
        .filteredOn(file -> !file.getFileName().toString().equals("SourcesTest.java"))
        .filteredOn(file -> Sources.read(file).matches("(?s).*@Disabled\\s*(\\R|$).*"))
        .isEmpty();
  }

  @Test
  void unfinished_work_is_not_left_in_the_sources() {
    assertThat(Sources.below("src/main/java"))
        .filteredOn(file -> Sources.read(file).matches("(?s).*\\b(TODO|FIXME|XXX)\\b.*"))
        .isEmpty();
  }
}
