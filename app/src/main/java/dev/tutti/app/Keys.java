package dev.tutti.app;

import dev.tutti.core.Time;
import dev.tutti.gateway.KeyCheck;
import dev.tutti.store.SavedKey;
import dev.tutti.store.SqliteStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// The keys that clients need once there is one. Only hashes are kept; a key is shown once.
final class Keys {
  /// Bits of chance in a key's secret part.
  private static final int SECRET_BYTES = 32;

  private static final int ID_BYTES = 6;
  private static final String CLI_KEY_FILE = "cli-key";

  private final SqliteStore store;
  private final RandomGenerator random;
  private final Time time;
  private volatile Map<String, String> principalsByHash;

  Keys(SqliteStore store, List<SavedKey> saved, RandomGenerator random, Time time) {
    this.store = store;
    this.random = random;
    this.time = time;
    this.principalsByHash =
        saved.stream()
            .filter(key -> key.revokedAt().isEmpty())
            .collect(Collectors.toMap(SavedKey::sha256, SavedKey::name, (first, _) -> first));
  }

  /// Whether there is none, so that nobody needs one.
  boolean none() {
    return principalsByHash.isEmpty();
  }

  /// Who has which key; for the gateway, from any thread.
  KeyCheck check() {
    return KeyCheck.hashed(() -> principalsByHash);
  }

  /// Makes a key and keeps its hash for good before it returns. Blocks.
  ///
  /// @return the key itself, which nobody can ever read again
  String make(String name) {
    String id = text(ID_BYTES);
    String key = "tutti_" + id + "_" + text(SECRET_BYTES);
    String hash = KeyCheck.sha256Hex(key);
    store.saveKey(SavedKey.fresh(id, name, hash, time.now())).join();
    var all = new java.util.HashMap<>(principalsByHash);
    all.put(hash, name);
    principalsByHash = Map.copyOf(all);
    return key;
  }

  /// Makes the first key, and one for the command line on this machine, which lies in the home for
  /// its owner to read. Blocks.
  ///
  /// @return the first key
  String makeFirst(Home home) {
    String first = make("first");
    home.write(CLI_KEY_FILE, make("command line on the hub's machine"));
    return first;
  }

  private String text(int bytes) {
    var chance = new byte[bytes];
    random.nextBytes(chance);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(chance).replace('_', '-');
  }
}
