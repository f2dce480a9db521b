package dev.tutti.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {
  @TempDir private Path folder;

  @Test
  void the_settings_lie_where_the_environment_says() {
    assertThat(Home.settingsFile(Map.of(), "Linux", "/home/a"))
        .isEqualTo(Path.of("/home/a/.config/tutti/tutti.yaml"));
    assertThat(Home.settingsFile(Map.of("XDG_CONFIG_HOME", "/c"), "Linux", "/home/a"))
        .isEqualTo(Path.of("/c/tutti/tutti.yaml"));
    assertThat(Home.settingsFile(Map.of("TUTTI_HOME", "/t"), "Linux", "/home/a"))
        .isEqualTo(Path.of("/t/tutti.yaml"));
    assertThat(Home.settingsFile(Map.of("TUTTI_CONFIG", "/x.yaml"), "Mac OS X", "/Users/a"))
        .isEqualTo(Path.of("/x.yaml"));
    assertThat(Home.settingsFile(Map.of(), "Mac OS X", "/Users/a"))
        .isEqualTo(Path.of("/Users/a/Library/Application Support/tutti/tutti.yaml"));
  }

  @Test
  void only_its_owner_may_read_what_is_in_it() throws Exception {
    Home home = new Home(folder.resolve("tutti")).create();
    assertThat(home.remembered("hub-id", () -> "one")).isEqualTo("one");
    assertThat(home.remembered("hub-id", () -> "two")).isEqualTo("one");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.directory())))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(home.directory().resolve("hub-id"))))
        .isEqualTo("rw-------");
    home.forget("hub-id");
    assertThat(home.read("hub-id")).isEmpty();
  }
}
