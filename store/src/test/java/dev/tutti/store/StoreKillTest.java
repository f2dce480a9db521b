package dev.tutti.store;

import static dev.tutti.store.Samples.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.SimulatedTime;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/// A process that is killed while it writes.
class StoreKillTest {
  private static final int ENOUGH = 150;

  @TempDir Path directory = Path.of("");

  @RepeatedTest(3)
  void everything_acknowledged_before_a_kill_is_there_afterwards() throws Exception {
    Path file = directory.resolve("tutti.db");
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                classPath,
                KilledWriter.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Set<String> acknowledged = new HashSet<>();
    try (var lines = child.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (acknowledged.size() == ENOUGH) {
          // Through the handle, which leaves what the child has said readable.
          child.toHandle().destroyForcibly();
        }
        if (line.matches("n\\d+")) {
          acknowledged.add(line);
        } else {
          assertThat(line).as("the only line that may be torn is the last").startsWith("n");
        }
      }
    } finally {
      child.destroyForcibly();
    }
    assertThat(child.waitFor()).as("killed").isEqualTo(128 + 9);
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(ENOUGH);
    try (var store = SqliteStore.open(file, new SimulatedTime())) {
      Set<String> there =
          await(store.nodes()).stream().map(node -> node.id().value()).collect(Collectors.toSet());
      assertThat(there).containsAll(acknowledged);
    }
  }
}
