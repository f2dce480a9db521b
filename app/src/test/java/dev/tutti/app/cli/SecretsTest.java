package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {
  @TempDir Path directory = Path.of("");

  private static String read(String word, Environment environment) {
    return Secrets.read(word, environment).reveal();
  }

  @Test
  void a_secret_is_itself_or_where_its_owner_keeps_it() throws Exception {
    var environment = new CommandRun().with("MY_KEY", " tutti_1 ").environment();
    assertThat(read("tutti_0", environment)).isEqualTo("tutti_0");
    assertThat(read("env:MY_KEY", environment)).isEqualTo("tutti_1");
    Path file = directory.resolve("key");
    Files.writeString(file, "tutti_2\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(read("file:" + file, environment)).isEqualTo("tutti_2");
  }

  @Test
  void a_file_that_others_can_read_holds_no_secret() throws Exception {
    Path file = directory.resolve("key");
    Files.writeString(file, "tutti_2\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> read("file:" + file, new CommandRun().environment()))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("chmod 600")
        .hasMessageNotContaining("tutti_2");
  }

  @Test
  void what_is_not_there_is_said_with_its_place() {
    var environment = new CommandRun().environment();
    for (String word :
        java.util.List.of(
            "env:NOBODY", "file:" + directory.resolve("none"), "keychain:../x", "keychain:none")) {
      assertThatThrownBy(() -> read(word, environment)).isInstanceOf(CliException.class);
    }
  }
}
