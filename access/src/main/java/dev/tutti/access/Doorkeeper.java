package dev.tutti.access;

import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The one place where what a request brings along becomes a {@link Principal}: for HTTP, gRPC and
/// browsers alike. Any thread, but for sessions, which belong to the owner's loop; never blocks.
///
/// What is sent as a key and is none of ours (`ollama`, `sk-none`: clients must send something) is
/// no key. One of ours must be good, wherever it is sent, and no other way in is tried after it.
public final class Doorkeeper {
  private static final byte[] NO_HASH = new byte[32];
  private static final Resolution OWNER = new Resolution.Known(Principal.OWNER, false);
  private static final Resolution MISSING = new Resolution.Refused(Resolution.Why.MISSING);
  private static final Resolution UNKNOWN = new Resolution.Refused(Resolution.Why.UNKNOWN);
  private static final Resolution TWO = new Resolution.Refused(Resolution.Why.TWO);
  private static final Resolution REVOKED = new Resolution.Refused(Resolution.Why.REVOKED);
  private static final Resolution EXPIRED = new Resolution.Refused(Resolution.Why.EXPIRED);

  private final Sessions sessions = new Sessions();
  private volatile Door door;
  private volatile Keyring keyring;

  /// What those need who come in.
  public enum Door {
    /// Nothing: only this machine can come here.
    OPEN,
    /// A key.
    KEYED
  }

  /// Guards that door with these keys.
  public Doorkeeper(Door door, Keyring keyring) {
    this.door = door;
    this.keyring = keyring;
  }

  /// From now on it is that door. Any thread.
  public void guard(Door other) {
    door = other;
  }

  /// Whether a key is needed.
  public boolean needsKeys() {
    return door == Door.KEYED;
  }

  /// From now on these keys count. Any thread.
  public void replace(Keyring keys) {
    keyring = keys;
  }

  /// The keys that count now.
  public Keyring keyring() {
    return keyring;
  }

  /// The sessions of browsers. Owner loop only.
  public Sessions sessions() {
    return sessions;
  }

  /// Who sent a request.
  public Resolution resolve(Presented presented, Instant now) {
    if (!presented.tokens().isEmpty()) {
      @Nullable Resolution found = byToken(presented.tokens(), now);
      if (found != null) {
        return found;
      }
    }
    if (presented.session().isPresent()) {
      Keyring.@Nullable Entry entry =
          sessions.keyOf(presented.session().get(), now).map(keyring::entry).orElse(null);
      if (entry != null) {
        Resolution settled = settle(entry, now);
        return settled instanceof Resolution.Known(var who, _)
            ? new Resolution.Known(who, true)
            : settled;
      }
    }
    if (door == Door.OPEN) {
      return OWNER;
    }
    Keyring.@Nullable Entry bound =
        presented.peer().isEmpty() ? null : keyring.at(presented.peer().get());
    return bound == null ? MISSING : settle(bound, now);
  }

  /// Whether the key still counts: for what it began.
  public boolean isGood(String keyId, Instant now) {
    Keyring.@Nullable Entry entry = keyring.entry(keyId);
    return keyId.isEmpty() ? door == Door.OPEN : entry != null && entry.key.isGood(now);
  }

  /// Who has the good key of that name: for work that outlives its request. The owner has none, and
  /// what was asked for while nobody needed one is the owner's.
  public Optional<Principal> named(String name, Instant now) {
    return name.isEmpty()
        ? Optional.of(Principal.OWNER)
        : keyring.named(name, now).map(Key::principal);
  }

  /// What the keys say that were sent; null when none of them is meant for us.
  private @Nullable Resolution byToken(List<String> tokens, Instant now) {
    @Nullable String ours = null;
    for (String token : tokens) {
      if (KeyToken.isMeant(token)) {
        if (ours != null && !ours.equals(token)) {
          return TWO;
        }
        ours = token;
      }
    }
    if (ours == null) {
      return null;
    }
    Optional<KeyToken> read = KeyToken.read(ours);
    if (read.isEmpty()) {
      return UNKNOWN;
    }
    Keyring.@Nullable Entry entry = keyring.entry(read.get().id());
    // Found by its public part, compared in constant time: how long it takes tells nothing.
    boolean same = MessageDigest.isEqual(entry == null ? NO_HASH : entry.hash, read.get().sha256());
    return entry == null || !same ? UNKNOWN : settle(entry, now);
  }

  private static Resolution settle(Keyring.Entry entry, Instant now) {
    if (entry.key.revokedAt().isPresent()) {
      return REVOKED;
    }
    if (entry.key.isExpired(now)) {
      return EXPIRED;
    }
    entry.used(now);
    return entry.known;
  }
}
