package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Remembers the work that clients asked for under an `idempotency-key`, so that a request which is
/// repeated does not become work twice. In memory: a hub that starts anew remembers nothing. Owner
/// loop only.
final class Idempotency implements Recording.Room {
  /// For so long a key means the same request.
  static final Duration KEPT = Duration.ofHours(24);

  /// So much of one answer is kept while it runs and for {@link #REPLAY} after its end, in bytes.
  static final int RING_BYTES = 256 * 1024;

  /// So long after its end an answer of any kept size is given again.
  static final Duration REPLAY = Duration.ofSeconds(60);

  /// An answer of this size is given again as long as its key is remembered, in bytes.
  static final int SMALL_BYTES = 16 * 1024;

  /// All answers together, in bytes. Whatever does not fit is not kept.
  static final int MAX_BYTES = 64 * 1024 * 1024;

  /// The most keys remembered; the oldest whose work is done are forgotten first.
  static final int MAX_KEYS = 4_096;

  /// Work whose client left goes on for so long, so that it can come back.
  static final Duration GRACE = Duration.ofSeconds(5);

  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

  private final Time time;
  private final Map<Name, Entry> entries = new LinkedHashMap<>();
  private long kept;

  Idempotency(Time time) {
    this.time = time;
  }

  /// Who asked for what kind of work under which key.
  private record Name(String principal, String path, String key) {}

  private static final class Entry {
    final Name name;
    final String digest;
    final long sinceNanos;
    final Recording recording;

    Entry(Name name, String digest, long sinceNanos, Recording recording) {
      this.name = name;
      this.digest = digest;
      this.sinceNanos = sinceNanos;
      this.recording = recording;
    }
  }

  /// The key of a request, if it has one.
  ///
  /// @throws MeshException `INVALID_REQUEST` for one that cannot be meant
  static Optional<String> key(Exchange exchange) {
    Optional<String> key = exchange.header("idempotency-key");
    if (key.filter(text -> !KEY.matcher(text).matches()).isPresent()) {
      throw Refusals.invalid(
          "idempotency-key: not understood (expected: 1 to 255 printable characters of ASCII)");
    }
    return key;
  }

  /// Takes a request: either it is the first of its key, and its answer is recorded from now on, or
  /// it gets the answer of the first.
  ///
  /// @param digest of the body
  /// @return whether it is the first
  boolean isFirst(Exchange exchange, String key, String digest) {
    var name = new Name(exchange.principal(), Optional.ofNullable(exchange.request().path()).orElse(""), key);
    Entry known = entries.get(name);
    if (known != null && time.nanos() - known.sinceNanos > KEPT.toNanos()) {
      entries.remove(name);
      known.recording.drop();
      known = null;
    }
    if (known == null) {
      makeRoom();
      var recording = new Recording(time, this);
      entries.put(name, new Entry(name, digest, time.nanos(), recording));
      exchange.record(recording);
      return true;
    }
    if (!known.digest.equals(digest)) {
      throw refusal(
          FailureCode.KEY_REUSED,
          "idempotency-key: used before with another body (expected: the same body, or a new key)");
    }
    if (!known.recording.isComplete()) {
      throw refusal(
          FailureCode.ANSWER_GONE,
          "idempotency-key: this work was done before, and its answer is no longer there (expected:"
              + " a new key to do it again)");
    }
    known.recording.attach(exchange);
    return false;
  }

  private static MeshException refusal(FailureCode code, String message) {
    Failure failure = Refusals.pointless(code, message);
    return new MeshException(failure);
  }

  /// Forgets the oldest whose work is done. What runs is bounded by those who run it.
  private void makeRoom() {
    if (entries.size() < MAX_KEYS) {
      return;
    }
    for (Entry entry : new ArrayList<>(entries.values())) {
      if (!entry.recording.isRunning()) {
        entries.remove(entry.name);
        entry.recording.drop();
        return;
      }
    }
  }

  private @Nullable Entry entryOf(Recording recording) {
    for (Entry entry : entries.values()) {
      if (entry.recording == recording) {
        return entry;
      }
    }
    return null;
  }

  @Override
  public boolean take(int already, int more) {
    boolean fits = already + more <= RING_BYTES && kept + more <= MAX_BYTES;
    kept += fits ? more : 0;
    return fits;
  }

  @Override
  public void giveBack(int bytes) {
    kept -= bytes;
  }

  @Override
  public void forget(Recording recording) {
    Entry entry = entryOf(recording);
    if (entry != null) {
      entries.remove(entry.name);
    }
  }

  @Override
  public void finished(Recording recording) {
    if (recording.size() > SMALL_BYTES) {
      time.after(REPLAY, recording::drop);
    }
  }
}
