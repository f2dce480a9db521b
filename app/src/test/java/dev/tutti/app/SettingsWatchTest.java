package dev.tutti.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsWatchTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir private Path folder;

  @Test
  void a_changed_file_is_read_again_and_one_with_mistakes_changes_nothing() throws Exception {
    Path file = folder.resolve("tutti.yaml");
    write(file, "strategy: echo\n", 1);
    List<Settings> applied = new CopyOnWriteArrayList<>();
    var watch =
        new SettingsWatch(
            () -> List.of(file),
            () -> SettingsFile.read(file).over(Settings.DEFAULTS),
            applied::add);
    watch.start();
    try {
      write(file, "strategy: nonsense\n", 2);
      write(file, "strategy: least-busy\n", 3);
      Eventually.until("the change", SOON, () -> !applied.isEmpty());
      assertThat(applied.getLast().strategy()).isEqualTo(Settings.StrategyName.LEAST_BUSY);
    } finally {
      watch.stop();
    }
  }

  private static void write(Path file, String text, int second) throws Exception {
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH.plusSeconds(second)));
  }
}
