package dev.tutti.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.access.Key;
import dev.tutti.access.KeyWish;
import dev.tutti.access.PeerAddress;
import dev.tutti.access.Presented;
import dev.tutti.access.Resolution;
import dev.tutti.access.Rights;
import dev.tutti.access.Scope;
import dev.tutti.store.SqliteStore;
import dev.tutti.testkit.Eventually;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysTest {
  private static final Rights INFER = Rights.of(Set.of(Scope.INFER));

  @TempDir private Path folder;

  private static Resolution shown(Keys keys, String token) {
    return keys.doorkeeper()
        .resolve(
            new Presented(List.of(token), Optional.empty(), Optional.empty()),
            new WallTime().now());
  }

  private static KeyWish wish(String name) {
    return new KeyWish(name, INFER, Optional.empty(), Optional.empty());
  }

  @Test
  void the_first_keys_are_for_everything_and_only_their_hashes_are_kept() throws Exception {
    Home home = new Home(folder.resolve("hub")).create();
    var time = new WallTime();
    String first;
    String local;
    try (SqliteStore store = SqliteStore.open(home.database(), time)) {
      var keys = new Keys(store, List.of(), new SecureRandom(), time);
      first = keys.makeFirst().orElseThrow();
      keys.leaveForCommandLine(home);
      local = home.read("cli-key").orElseThrow();
      assertThat(Files.getPosixFilePermissions(home.directory().resolve("cli-key")))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      assertThat(keys.makeFirst()).isEmpty();
      keys.leaveForCommandLine(home);
      assertThat(home.read("cli-key")).contains(local);
      assertThat(shown(keys, "tutti_x_wrong")).isInstanceOf(Resolution.Refused.class);
      for (String token : List.of(first, local)) {
        assertThat(shown(keys, token)).isInstanceOf(Resolution.Known.class);
      }
      assertThat(store.keys().join().toString()).doesNotContain(first).doesNotContain(local);
    }
    assertThat(new String(Files.readAllBytes(home.database()), StandardCharsets.ISO_8859_1))
        .doesNotContain(first)
        .doesNotContain(local);
    try (SqliteStore store = SqliteStore.open(home.database(), time)) {
      var again = new Keys(store, store.keys().join(), new SecureRandom(), time);
      assertThat(again.makeFirst()).isEmpty();
      assertThat(shown(again, first)).isInstanceOf(Resolution.Known.class);
      again.revoke("command line of this machine", "boss").join();
      again.leaveForCommandLine(home);
      assertThat(shown(again, local)).isInstanceOf(Resolution.Refused.class);
      assertThat(shown(again, home.read("cli-key").orElseThrow()))
          .isInstanceOf(Resolution.Known.class);
    }
  }

  @Test
  void a_key_counts_at_once_until_it_is_revoked_and_its_name_may_be_had_again() {
    var time = new WallTime();
    try (SqliteStore store = SqliteStore.open(folder.resolve("tutti.db"), time)) {
      var keys = new Keys(store, List.of(), new SecureRandom(), time);
      var told = new ArrayList<String>();
      keys.witness(
          change -> told.add(change.by() + " " + change.what() + " " + change.key().name()));
      String token = keys.make(wish("ann"), "boss").join().token().orElseThrow();
      assertThat(shown(keys, token)).isInstanceOf(Resolution.Known.class);
      assertThatThrownBy(() -> keys.make(wish("ann"), "boss").join())
          .hasMessageContaining("name: taken");
      assertThat(keys.revoke("ann", "boss").join().revokedAt()).isPresent();
      assertThat(shown(keys, token)).isEqualTo(new Resolution.Refused(Resolution.Why.REVOKED));
      assertThatThrownBy(() -> keys.revoke("ann", "boss").join())
          .hasMessageContaining("no such key");
      keys.make(wish("ann"), "boss").join();
      assertThat(keys.all()).hasSize(2);
      assertThat(told).containsExactly("boss CREATED ann", "boss REVOKED ann", "boss CREATED ann");
      keys.saveUsed();
      Eventually.until(
          "the use is kept",
          Duration.ofSeconds(5),
          () ->
              store.keys().join().stream()
                  .anyMatch(key -> key.revokedAt().isPresent() && key.usedAt().isPresent()));
    }
  }

  @Test
  void an_address_may_infer_and_be_a_node_and_nothing_else() {
    var time = new WallTime();
    try (SqliteStore store = SqliteStore.open(folder.resolve("tutti.db"), time)) {
      var keys = new Keys(store, List.of(), new SecureRandom(), time);
      Optional<PeerAddress> address = PeerAddress.of("192.168.1.9");
      var admin = new KeyWish("a", Rights.of(Set.of(Scope.ADMIN)), address, Optional.empty());
      assertThatThrownBy(() -> keys.make(admin, "").join())
          .hasMessageContaining("scope: more than");
      var bound = new KeyWish("a", INFER, address, Optional.empty());
      assertThat(keys.make(bound, "").join().token()).isEmpty();
      assertThat(
              keys.doorkeeper()
                  .resolve(new Presented(List.of(), Optional.empty(), address), time.now()))
          .isInstanceOf(Resolution.Known.class);
      var twice = new KeyWish("b", INFER, address, Optional.empty());
      assertThatThrownBy(() -> keys.make(twice, "").join())
          .hasMessageContaining("address: another");
    }
  }

  @Test
  void there_are_never_more_keys_than_the_bound() {
    var time = new WallTime();
    try (SqliteStore store = SqliteStore.open(folder.resolve("tutti.db"), time)) {
      var keys = new Keys(store, List.of(), new SecureRandom(), time);
      for (int i = 0; i < Key.MAX_KEYS; i++) {
        keys.make(wish("k" + i), "").join();
      }
      assertThatThrownBy(() -> keys.make(wish("more"), "").join())
          .hasMessageContaining("keys: 1024 (expected: fewer than 1024)");
      keys.revoke("k7", "").join();
      keys.make(wish("more"), "").join();
      assertThat(keys.all()).hasSize(Key.MAX_KEYS).noneMatch(key -> key.name().equals("k7"));
    }
  }
}
