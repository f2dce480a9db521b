package dev.tutti.app;

import dev.tutti.core.Time;
import dev.tutti.gateway.KeyCheck;
import dev.tutti.store.SavedKey;
import dev.tutti.store.SqliteStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// The keys that clients need once there is one. Only hashes are kept; a key is shown once.
final class Keys {
  /// Bits of chance in a key's secret part.
  private static final int SECRET_BYTES = 32;

  private static final int ID_BYTES = 6;
  private static final String CLI_KEY_FILE = "cli-key";
  private static final String FIRST = "first";
  private static final String COMMAND_LINE = "command line on the hub's machine";

  /// Whose keys may change the mesh: those that are made for its owner.
  private static final Set<String> ADMINISTRATORS = Set.of(FIRST, COMMAND_LINE);

  private final SqliteStore store;
  private final RandomGenerator random;
  private final Time time;
  private volatile Map<String, KeyCheck.Principal> principalsByHash;

  Keys(SqliteStore store, List<SavedKey> saved, RandomGenerator random, Time time) {
    this.store = store;
    this.random = random;
    this.time = time;
    this.principalsByHash =
        saved.stream()
            .filter(key -> key.revokedAt().isEmpty())
            .collect(
                Collectors.toMap(
                    SavedKey::sha256, key -> principal(key.name()), (first, _) -> first));
  }

  private static KeyCheck.Principal principal(String name) {
    return new KeyCheck.Principal(name, ADMINISTRATORS.contains(name));
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
    all.put(hash, principal(name));
    principalsByHash = Map.copyOf(all);
    return key;
  }

  /// Makes the first key, and one for the command line on this machine, which lies in the home for
  /// its owner to read. Blocks.
  ///
  /// @return the first key
  String makeFirst(Home home) {
    String first = make(FIRST);
    home.write(CLI_KEY_FILE, make(COMMAND_LINE));
    return first;
  }

  private String text(int bytes) {
    var chance = new byte[bytes];
    random.nextBytes(chance);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(chance).replace('_', '-');
  }
}
