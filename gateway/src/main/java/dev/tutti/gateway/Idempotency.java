package dev.tutti.gateway;

import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Time;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Remembers the work that clients asked for under an `idempotency-key`, so that a request which is
/// repeated does not become work twice. In memory: a hub that starts anew remembers nothing. Owner
/// loop only.
///
/// The header is that of draft-ietf-httpapi-idempotency-key-header.
final class Idempotency {
  /// For so long a key means the same request.
  static final Duration KEPT = Duration.ofHours(24);

  /// So much of one answer is kept while it runs and for {@link #REPLAY} after its end, in bytes.
  static final int RING_BYTES = 256 * 1024;

  /// So long after its end an answer of any kept size is given again.
  static final Duration REPLAY = Duration.ofSeconds(60);

  /// An answer of this size is given again as long as its key is remembered, in bytes.
  static final int SMALL_BYTES = 16 * 1024;

  /// All answers together, in bytes. The oldest are let go first.
  static final int MAX_BYTES = 64 * 1024 * 1024;

  /// How much room there is after that, in bytes.
  private static final int SPARE_BYTES = 8 * 1024 * 1024;

  /// The most keys remembered; the oldest whose work is done are forgotten first.
  static final int MAX_KEYS = 4_096;

  /// Work whose client left goes on for so long, so that it can come back.
  static final Duration GRACE = Duration.ofSeconds(5);

  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

  private final Time time;

  /// The oldest first.
  private final Map<Name, Entry> entries = new LinkedHashMap<>();

  private int kept;

  Idempotency(Time time) {
    this.time = time;
  }

  /// What a client says about the sameness of its request.
  ///
  /// @param key the header's value
  /// @param digest of the body
  record Asked(String key, String digest) {}

  /// Who asked for what kind of work under which key.
  private record Name(String principal, String path, String key) {}

  /// One key and what became of it.
  private final class Entry implements Recording.Room {
    final Name name;
    final String digest;
    final long sinceNanos = time.nanos();
    final Recording recording = new Recording(time, this);

    Entry(Name name, String digest) {
      this.name = name;
      this.digest = digest;
    }

    boolean isExpired() {
      return time.nanos() - sinceNanos > KEPT.toNanos();
    }

    @Override
    public boolean take(int more) {
      if (kept + more > MAX_BYTES) {
        letGo();
      }
      boolean fits = kept + more <= MAX_BYTES;
      kept += fits ? more : 0;
      return fits;
    }

    @Override
    public void giveBack(int bytes) {
      kept -= bytes;
    }

    @Override
    public void forget() {
      entries.remove(name, this);
    }

    @Override
    public void finished() {
      if (recording.size() > SMALL_BYTES) {
        time.after(REPLAY, recording::drop);
      }
    }
  }

  /// The key of a request, if it has one.
  ///
  /// @throws MeshException `INVALID_REQUEST` for one that cannot be meant
  static Optional<String> key(Exchange exchange) {
    Optional<String> key = exchange.header("idempotency-key");
    if (key.isPresent() && !KEY.matcher(key.get()).matches()) {
      throw Refusals.invalid(
          "idempotency-key: not understood (expected: 1 to 255 printable characters of ASCII)");
    }
    return key;
  }

  /// Takes a request: either it is the first of its key, and its answer is recorded from now on, or
  /// it gets the answer of the first.
  ///
  /// @return whether it is the first
  /// @throws MeshException `KEY_REUSED` or `ANSWER_GONE`
  boolean isFirst(Exchange exchange, Asked asked) {
    String path = Optional.ofNullable(exchange.request().path()).orElse("");
    var name = new Name(exchange.principal(), path, asked.key());
    Entry known = entries.get(name);
    if (known == null || known.isExpired()) {
      if (known != null) {
        forget(known);
      }
      makeRoom();
      var entry = new Entry(name, asked.digest());
      entries.put(name, entry);
      exchange.record(entry.recording);
      return true;
    }
    if (!known.digest.equals(asked.digest())) {
      throw refusal(
          FailureCode.KEY_REUSED,
          "idempotency-key: used before with another body (expected: the same body, or a new key)");
    }
    if (!known.recording.isComplete()) {
      throw refusal(
          FailureCode.ANSWER_GONE,
          "idempotency-key: this work was asked for before, and its answer is not kept (expected: a"
              + " new key to do it again)");
    }
    known.recording.attach(exchange);
    return false;
  }

  private static MeshException refusal(FailureCode code, String message) {
    return new MeshException(Refusals.pointless(code, message));
  }

  private void forget(Entry entry) {
    entries.remove(entry.name);
    entry.recording.drop();
  }

  /// Forgets what is too old, and the oldest whose work is done where there are too many. What runs
  /// is bounded by those who run it.
  private void makeRoom() {
    Iterator<Entry> oldest = entries.values().iterator();
    while (oldest.hasNext()) {
      Entry entry = oldest.next();
      if (entries.size() < MAX_KEYS && !entry.isExpired()) {
        return;
      }
      if (!entry.recording.isRunning()) {
        oldest.remove();
        entry.recording.drop();
      }
    }
  }

  /// Lets the oldest answers go. Their keys stay known.
  private void letGo() {
    for (Entry entry : entries.values()) {
      if (kept <= MAX_BYTES - SPARE_BYTES) {
        return;
      }
      if (!entry.recording.isRunning()) {
        entry.recording.drop();
      }
    }
  }
}
