package dev.tutti.app;

import dev.tutti.access.Doorkeeper;
import dev.tutti.access.Key;
import dev.tutti.access.KeyToken;
import dev.tutti.access.KeyWish;
import dev.tutti.access.Keyring;
import dev.tutti.access.Rights;
import dev.tutti.access.Scope;
import dev.tutti.access.Sha256;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import dev.tutti.gateway.KeyAdmin;
import dev.tutti.store.SqliteStore;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// The keys of this hub: makes and revokes them, keeps them in the store and has the doorkeeper
/// know them at once. Only hashes are kept; a key is shown once. Any thread; changes are made one
/// after the other.
final class Keys {
  /// Between two notes of when keys were used last.
  private static final Duration NOTE_USE_EVERY = Duration.ofMinutes(1);

  private static final String CLI_KEY_FILE = "cli-key";
  private static final String FIRST = "first";
  private static final String COMMAND_LINE = "command line of this machine";

  private final SqliteStore store;
  private final RandomGenerator random;
  private final Time time;
  private final Doorkeeper doorkeeper;
  private final Map<String, Instant> usedWritten = new HashMap<>();
  private volatile Consumer<Change> witness = _ -> {};

  Keys(SqliteStore store, List<Key> saved, RandomGenerator random, Time time) {
    this.store = store;
    this.random = random;
    this.time = time;
    this.doorkeeper = new Doorkeeper(Doorkeeper.Door.KEYED, Keyring.of(saved));
  }

  /// Something that was changed about keys, after it is kept.
  ///
  /// @param by who did it; empty for the hub itself and its owner on this machine
  /// @param key the key as it is now
  record Change(String by, Key key, What what) {
    /// What was done.
    enum What {
      CREATED,
      REVOKED
    }
  }

  /// Who is told of every change of a key: the one place for a record of them.
  void witness(Consumer<Change> other) {
    witness = other;
  }

  /// Who knows the keys; for the gateway.
  Doorkeeper doorkeeper() {
    return doorkeeper;
  }

  /// Makes a key. It counts when the future completes, and is kept for good by then.
  synchronized CompletableFuture<KeyAdmin.Made> make(KeyWish wish, String by) {
    Instant now = time.now();
    Keyring ring = doorkeeper.keyring();
    try {
      Key.check(wish.name(), wish.rights(), wish.address());
      if (wish.expiresAt().isPresent() && !wish.expiresAt().get().isAfter(now)) {
        throw new IllegalArgumentException("expires: in the past (expected: a time to come)");
      }
      if (ring.named(wish.name(), now).isPresent()) {
        throw new IllegalArgumentException(
            "name: taken (expected: one that no good key has; or revoke that one first)");
      }
      if (wish.address().isPresent() && ring.isBound(wish.address().get())) {
        throw new IllegalArgumentException(
            "address: another key's (expected: one address for one key)");
      }
      makeRoom(ring, now);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(MeshException.invalid(String.valueOf(e.getMessage())));
    }
    KeyToken token = KeyToken.make(random);
    while (ring.key(token.id()).isPresent()) {
      token = KeyToken.make(random);
    }
    Optional<String> shown =
        wish.address().isPresent() ? Optional.empty() : Optional.of(token.text());
    var key =
        new Key(
            token.id(),
            wish.name(),
            Sha256.hex(token.text()),
            wish.rights(),
            wish.address(),
            now,
            wish.expiresAt(),
            Optional.empty(),
            Optional.empty());
    return store
        .saveKey(key)
        .thenApply(kept -> {
          take(kept);
          witness.accept(new Change(by, kept, Change.What.CREATED));
          return new KeyAdmin.Made(kept, shown);
        });
  }

  /// The keys that have been revoked for longest give way to new ones.
  private void makeRoom(Keyring ring, Instant now) {
    List<Key> keys = ring.keys();
    if (keys.size() < Key.MAX_KEYS) {
      return;
    }
    Key oldest =
        keys.stream()
            .filter(key -> !key.isGood(now))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "keys: " + keys.size() + " (expected: fewer than " + Key.MAX_KEYS + ")"));
    var _ = store.forgetKey(oldest.id());
    doorkeeper.replace(ring.without(oldest.id()));
  }

  private synchronized void take(Key key) {
    doorkeeper.replace(doorkeeper.keyring().with(key));
  }

  /// Revokes a key by its name or its public part: it counts no more when the future completes, and
  /// never will again.
  CompletableFuture<Key> revoke(String nameOrId, String by) {
    Instant now = time.now();
    Optional<Key> found = find(nameOrId).filter(key -> key.revokedAt().isEmpty());
    if (found.isEmpty()) {
      return CompletableFuture.failedFuture(unknown());
    }
    Key revoked = found.get().revoked(now);
    return store
        .revokeKey(revoked.id(), now)
        .thenApply(_ -> {
          take(revoked);
          witness.accept(new Change(by, revoked, Change.What.REVOKED));
          return revoked;
        });
  }

  /// The key of that public part, else the newest of that name, a good one first.
  Optional<Key> find(String nameOrId) {
    Keyring ring = doorkeeper.keyring();
    return ring.key(nameOrId)
        .or(() -> ring.named(nameOrId, time.now()))
        .or(() ->
            ring.keys().reversed().stream().filter(key -> key.name().equals(nameOrId)).findFirst());
  }

  static MeshException unknown() {
    return new MeshException(
        Failure.of(FailureCode.NOT_FOUND, Retry.POINTLESS, "there is no such key"));
  }

  /// Every key, the oldest first.
  List<Key> all() {
    return doorkeeper.keyring().keys();
  }

  /// Keeps when keys were used last, now and then, until it is over. On the loop whose time that
  /// is.
  void noteUse(Time loop, BooleanSupplier over) {
    if (!over.getAsBoolean()) {
      saveUsed();
      loop.after(NOTE_USE_EVERY, () -> noteUse(loop, over));
    }
  }

  /// Keeps when keys were used last, where that is news. Never waits.
  void saveUsed() {
    var news = new HashMap<String, Instant>();
    for (Key key : all()) {
      Instant used = key.usedAt().orElse(Instant.EPOCH);
      if (used.isAfter(usedWritten.getOrDefault(key.id(), Instant.EPOCH))) {
        news.put(key.id(), used);
      }
    }
    if (!news.isEmpty()) {
      usedWritten.putAll(news);
      var _ = store.keysUsed(news);
    }
  }

  /// Makes the first key, where none may administer. Blocks.
  ///
  /// @return the key, to be shown once; empty where there is one already
  Optional<String> makeFirst() {
    boolean none =
        all().stream()
            .noneMatch(key ->
                key.isGood(time.now())
                    && key.rights().scopes().contains(Scope.ADMIN)
                    && !key.name().equals(COMMAND_LINE));
    return none ? Optional.of(forEverything(FIRST)) : Optional.empty();
  }

  /// Leaves a key for the command line of this machine in the home, for its owner to read, unless a
  /// good one lies there. Blocks.
  void leaveForCommandLine(Home home) {
    boolean good =
        home.read(CLI_KEY_FILE)
            .flatMap(KeyToken::read)
            .flatMap(token ->
                doorkeeper
                    .keyring()
                    .key(token.id())
                    .filter(key -> key.sha256().equals(Sha256.hex(token.text()))))
            .filter(key -> key.isGood(time.now()))
            .isPresent();
    if (!good) {
      home.write(CLI_KEY_FILE, forEverything(COMMAND_LINE));
    }
  }

  private String forEverything(String name) {
    Optional<Key> old = doorkeeper.keyring().named(name, time.now());
    old.ifPresent(key -> revoke(key.id(), "").join());
    var wish =
        new KeyWish(
            name, Rights.of(EnumSet.allOf(Scope.class)), Optional.empty(), Optional.empty());
    return make(wish, "").join().token().orElseThrow();
  }
}
