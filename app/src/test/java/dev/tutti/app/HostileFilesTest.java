package dev.tutti.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.testkit.Seed;
import dev.tutti.testkit.Seeds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Files that somebody else wrote: each is refused with its place named, soon, and nothing of it
/// runs.
class HostileFilesTest {
  private static final String LAUGHS =
      "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c"
          + " [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\nbackends: *d\n";

  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("a billion laughs", LAUGHS),
          Map.entry("brackets ten thousand deep", "backends: " + "[".repeat(10_000)),
          Map.entry("objects ten thousand deep", "{a: ".repeat(10_000)),
          Map.entry("indentation without end", deepIndent()),
          Map.entry("a class to make", "backends: !!javax.script.ScriptEngineManager [x]"),
          Map.entry("a URL to load", "backends: !!java.net.URL [\"http://169.254.169.254/\"]"),
          Map.entry("an alias of nobody", "backends: *nobody"),
          Map.entry("a key twice", "port: 1\nport: 2\n"),
          Map.entry("a list as a key", "? [a, b]\n: c\n"),
          Map.entry("a tab", "backends:\n\t- x\n"),
          Map.entry("a control character", "backends: \u0007"),
          Map.entry("no YAML", "\u0000\u0001"),
          Map.entry("a number beyond all", "port: 1" + "0".repeat(5_000)),
          Map.entry("a port below", "port: -1"),
          Map.entry("a backend at a metadata service", "backends: [\"http://169.254.169.254\"]"),
          Map.entry("a backend that is a file", "backends: [\"file:///etc/passwd\"]"),
          Map.entry("a backend in octal", "backends: [\"http://0177.0.0.1\"]"),
          Map.entry("a text where a list is", "backends: {a: b}"),
          Map.entry("an unknown field", "evil: true"));

  private static final Map<String, String> WORKERS =
      Map.ofEntries(
          Map.entry("brackets ten thousand deep", "[".repeat(10_000)),
          Map.entry("objects ten thousand deep", "{\"workers\":".repeat(10_000)),
          Map.entry("a number beyond all", "{\"workers\":{\"a\":{\"priority\":1e999999999}}}"),
          Map.entry("no JSON", "workers: []"),
          Map.entry("nothing", ""),
          Map.entry("an array", "[]"),
          Map.entry("a broken text", "{\"workers\":{\"a"),
          Map.entry(
              "an address of a metadata service",
              "{\"workers\":{\"a\":{\"host\":\"169.254.169.254\",\"port\":80,\"type\":\"ollama\"}}}"));

  @TempDir private Path folder;

  private static String deepIndent() {
    var text = new StringBuilder();
    for (int i = 0; i < 1_500; i++) {
      text.append(" ".repeat(i)).append("a:\n");
    }
    return text.toString();
  }

  @TestFactory
  Stream<DynamicTest> settings_are_refused_with_their_place() {
    return SETTINGS.entrySet().stream()
        .map(each ->
            DynamicTest.dynamicTest(each.getKey(), () -> refused(each.getKey(), each.getValue())));
  }

  private static void refused(String name, String text) {
    assertThatThrownBy(
            () -> {
              Settings settings = SettingsFile.parse("f", text).over(Settings.DEFAULTS);
              settings.backends().forEach(dev.tutti.backends.EngineAddress::parse);
            })
        .as(name)
        .isInstanceOfAny(IllegalArgumentException.class, dev.tutti.core.MeshException.class)
        .hasMessageNotContaining("java.lang");
  }

  @TestFactory
  Stream<DynamicTest> files_of_workers_lead_nowhere() {
    return WORKERS.entrySet().stream()
        .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> harmless(each.getValue())));
  }

  private static void harmless(String text) {
    try {
      WorkersFile.Taken taken = WorkersFile.parse("f", text);
      assertThat(taken.backends()).noneMatch(spec -> spec.contains("169.254."));
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageNotContaining("java.lang");
    }
  }

  @Seeds(200)
  void whatever_a_file_says_it_is_taken_or_refused(Seed seed) {
    RandomGenerator random = seed.random();
    String good =
        "port: 8765\nstrategy: echo\nbackends:\n  - \"http://bob:11434,slots=2\"\nrules:\n  - name:"
            + " r\n    types: [chat]\n    preferred: [a]\n    fallback: []\nqueue: {ttl: 30s}\n";
    var text = new StringBuilder(good);
    for (int i = 0; i < 1 + random.nextInt(6); i++) {
      int at = random.nextInt(text.length());
      text.setCharAt(
          at, (char) (random.nextBoolean() ? 32 + random.nextInt(95) : random.nextInt(256)));
    }
    Consumer<String> parser = each -> SettingsFile.parse("f", each).over(Settings.DEFAULTS);
    try {
      parser.accept(text.toString());
      WorkersFile.parse("f", text.toString());
    } catch (IllegalArgumentException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }

  @Test
  void a_file_beyond_the_limit_is_not_read() throws Exception {
    Path file = folder.resolve("big.yaml");
    Files.writeString(file, "#".repeat(SettingsFile.MAX_BYTES + 1));
    assertThatThrownBy(() -> SettingsFile.read(file)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> WorkersFile.read(file)).isInstanceOf(IllegalArgumentException.class);
  }
}
