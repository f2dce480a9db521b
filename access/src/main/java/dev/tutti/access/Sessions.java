package dev.tutti.access;

import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Browsers that logged in with a key. A session stands for its key and ends with it; here is only
/// the hash of what the browser has. Nothing outlives the hub. Owner loop only.
public final class Sessions {
  /// The most sessions at a time; the one unused for longest goes first.
  public static final int MAX = 256;

  /// How long a session may be unused.
  public static final Duration IDLE = Duration.ofHours(12);

  /// How long a session lasts at most.
  public static final Duration LONGEST = Duration.ofDays(7);

  private static final int SECRET_BYTES = 32;

  private final Map<String, Session> bySecret = new LinkedHashMap<>(16, 0.75f, true);

  /// Begins a session.
  ///
  /// @return what the browser is to show from now on: a secret
  public String begin(String keyId, RandomGenerator random, Instant now) {
    if (bySecret.size() >= MAX) {
      Iterator<String> eldest = bySecret.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
    var bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    String secret = HexFormat.of().formatHex(bytes);
    bySecret.put(Sha256.hex(secret), new Session(keyId, now));
    return secret;
  }

  /// Whose key began the session, if it is still going on.
  Optional<String> keyOf(String secret, Instant now) {
    String hash = Sha256.hex(secret);
    @Nullable Session session = bySecret.get(hash);
    if (session == null) {
      return Optional.empty();
    }
    if (now.isAfter(session.usedAt.plus(IDLE)) || now.isAfter(session.begunAt.plus(LONGEST))) {
      bySecret.remove(hash);
      return Optional.empty();
    }
    session.usedAt = now;
    return Optional.of(session.keyId);
  }

  /// Ends a session.
  public void end(String secret) {
    bySecret.remove(Sha256.hex(secret));
  }

  private static final class Session {
    final String keyId;
    final Instant begunAt;
    Instant usedAt;

    Session(String keyId, Instant now) {
      this.keyId = keyId;
      this.begunAt = now;
      this.usedAt = now;
    }
  }
}
