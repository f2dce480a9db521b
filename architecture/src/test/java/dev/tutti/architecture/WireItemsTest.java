package dev.tutti.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/wire-items.md` tells the truth about the tests.
class WireItemsTest {
  private static final Path PAGE = Sources.ROOT.resolve("docs").resolve("wire-items.md");

  /// A row: the item, what it is, and its tests or the reason why there is none.
  private static final Pattern ROW = Pattern.compile("\\| (T\\d+) \\| (.*) \\| (.*) \\|");

  /// `Class.method` in the last column.
  private static final Pattern TEST = Pattern.compile("`(\\w+Test\\.\\w+)`");

  /// A test's display name, which may be several texts in a row, and its method.
  private static final Pattern NAMED =
      Pattern.compile(
          "@DisplayName\\(\\s*\"((?:T\\d+ )+)(?:(?!@Test|@ParameterizedTest)[\\s\\S])*?\\bvoid (\\w+)\\(");

  private static final int FEWEST_CHARS_OF_A_REASON = 20;

  @Test
  void every_item_has_tests_that_carry_its_number_or_a_reason() throws IOException {
    Map<String, Set<String>> carriers = carriers();
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(PAGE, updated(Files.readString(PAGE), carriers));
    }
    List<String> seen = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    for (Matcher row : rows()) {
      String item = row.group(1);
      seen.add(item);
      List<String> named = TEST.matcher(row.group(3)).results().map(hit -> hit.group(1)).toList();
      if (named.isEmpty() && row.group(3).length() < FEWEST_CHARS_OF_A_REASON) {
        wrong.add(item + ": neither a test nor a reason");
      }
      named.stream()
          .filter(test -> !carriers.getOrDefault(item, Set.of()).contains(test))
          .map(test -> item + ": " + test + " does not exist, or its name does not say " + item)
          .forEach(wrong::add);
    }
    assertThat(wrong).isEmpty();
    assertThat(seen).containsExactlyElementsOf(items());
  }

  private static List<String> items() {
    return Stream.of(
            IntStream.rangeClosed(1, 13),
            IntStream.rangeClosed(20, 28),
            IntStream.rangeClosed(30, 37),
            IntStream.rangeClosed(40, 49))
        .flatMapToInt(range -> range)
        .mapToObj(number -> "T" + number)
        .toList();
  }

  private static List<Matcher> rows() throws IOException {
    return Files.readString(PAGE).lines().map(ROW::matcher).filter(Matcher::matches).toList();
  }

  /// The tests that carry each item's number, each as `Class.method`.
  private static Map<String, Set<String>> carriers() {
    Map<String, Set<String>> carriers = new TreeMap<>();
    for (Path file : Sources.below("src/test/java")) {
      String name = file.getFileName().toString().replace(".java", "");
      for (Matcher test = NAMED.matcher(Sources.read(file)); test.find(); ) {
        for (String item : test.group(1).strip().split(" ", -1)) {
          carriers.computeIfAbsent(item, _ -> new TreeSet<>()).add(name + "." + test.group(2));
        }
      }
    }
    return carriers;
  }

  private static String updated(String page, Map<String, Set<String>> carriers) {
    var text = new StringBuilder();
    for (String line : page.lines().toList()) {
      Matcher row = ROW.matcher(line);
      if (row.matches() && carriers.containsKey(row.group(1))) {
        String tests = String.join("`, `", carriers.getOrDefault(row.group(1), Set.of()));
        text.append("| %s | %s | `%s` |\n".formatted(row.group(1), row.group(2), tests));
      } else {
        text.append(line).append('\n');
      }
    }
    return text.toString();
  }
}
