package dev.tutti.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.gateway.KeyCheck;
import dev.tutti.store.SqliteStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysTest {
  @TempDir private Path folder;

  @Test
  void from_the_first_key_on_everybody_needs_one_and_only_hashes_are_kept() throws Exception {
    Home home = new Home(folder.resolve("hub")).create();
    var time = new WallTime();
    String first;
    try (SqliteStore store = SqliteStore.open(home.database(), time)) {
      var keys = new Keys(store, List.of(), new SecureRandom(), time);
      KeyCheck check = keys.check();
      assertThat(check.check(Optional.empty())).isInstanceOf(KeyCheck.Verdict.Admitted.class);
      first = keys.makeFirst(home);
      assertThat(check.check(Optional.empty())).isInstanceOf(KeyCheck.Verdict.Refused.class);
      assertThat(check.check(Optional.of("tutti_x_wrong")))
          .isInstanceOf(KeyCheck.Verdict.Refused.class);
      assertThat(check.check(Optional.of(first)))
          .isEqualTo(new KeyCheck.Verdict.Admitted("first", true));
      String local = home.read("cli-key").orElseThrow();
      assertThat(check.check(Optional.of(local))).isInstanceOf(KeyCheck.Verdict.Admitted.class);
      assertThat(store.keys().join()).noneMatch(key -> key.toString().contains(first));
    }
    assertThat(
            new String(
                Files.readAllBytes(home.database()), java.nio.charset.StandardCharsets.ISO_8859_1))
        .doesNotContain(first);
    try (SqliteStore store = SqliteStore.open(home.database(), time)) {
      var again = new Keys(store, store.keys().join(), new SecureRandom(), time);
      assertThat(again.none()).isFalse();
      assertThat(again.check().check(Optional.of(first)))
          .isEqualTo(new KeyCheck.Verdict.Admitted("first", true));
    }
  }
}
