package dev.tutti.access;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All keys at one moment, by their public part. Immutable but for the moment of last use; any
/// thread.
public final class Keyring {
  /// No keys.
  public static final Keyring EMPTY = new Keyring(Map.of());

  private final Map<String, Entry> byId;
  private final Map<PeerAddress, Entry> byAddress;

  private Keyring(Map<String, Entry> byId) {
    this.byId = Map.copyOf(byId);
    var addresses = new HashMap<PeerAddress, Entry>();
    for (Entry entry : byId.values()) {
      if (entry.key.revokedAt().isEmpty()) {
        entry.key.address().ifPresent(address -> addresses.put(address, entry));
      }
    }
    this.byAddress = Map.copyOf(addresses);
  }

  /// The ring with these keys.
  public static Keyring of(Collection<Key> keys) {
    var entries = new HashMap<String, Entry>();
    keys.forEach(key -> entries.put(key.id(), new Entry(key)));
    return new Keyring(entries);
  }

  /// The ring with that key too, or with it as it is now.
  public Keyring with(Key key) {
    var entries = new HashMap<>(byId);
    var entry = new Entry(key);
    @Nullable Entry before = byId.get(key.id());
    if (before != null) {
      entry.usedMillis = before.usedMillis;
    }
    entries.put(key.id(), entry);
    return new Keyring(entries);
  }

  /// The ring without that key.
  public Keyring without(String id) {
    var entries = new HashMap<>(byId);
    entries.remove(id);
    return new Keyring(entries);
  }

  /// Whether clients at that address are taken for somebody.
  public boolean isBound(PeerAddress address) {
    return byAddress.containsKey(address);
  }

  /// Every key with the moment of its last use, the oldest first.
  public List<Key> keys() {
    var keys = new ArrayList<Key>();
    byId.values().forEach(entry -> keys.add(entry.now()));
    keys.sort((a, b) -> {
      int order = a.createdAt().compareTo(b.createdAt());
      return order != 0 ? order : a.id().compareTo(b.id());
    });
    return keys;
  }

  /// The key with that public part.
  public Optional<Key> key(String id) {
    return Optional.ofNullable(byId.get(id)).map(Entry::now);
  }

  /// The one good key of that name.
  public Optional<Key> named(String name, Instant now) {
    return byId.values().stream()
        .filter(entry -> entry.key.name().equals(name) && entry.key.isGood(now))
        .findFirst()
        .map(Entry::now);
  }

  @Nullable Entry entry(String id) {
    return byId.get(id);
  }

  @Nullable Entry at(PeerAddress address) {
    return byAddress.get(address);
  }

  /// A key, ready to be compared.
  static final class Entry {
    final Key key;
    final byte[] hash;
    final Resolution.Known known;

    /// Milliseconds since 1970, 0 when never used. Written by whoever resolves, plainly: the newest
    /// of several nearly equal moments is not needed.
    private volatile long usedMillis;

    Entry(Key key) {
      this.key = key;
      this.hash = key.hash();
      this.known = new Resolution.Known(key.principal(), false);
      this.usedMillis = key.usedAt().map(Instant::toEpochMilli).orElse(0L);
    }

    void used(Instant now) {
      usedMillis = now.toEpochMilli();
    }

    Key now() {
      return usedMillis == 0 ? key : key.used(Instant.ofEpochMilli(usedMillis));
    }
  }
}
