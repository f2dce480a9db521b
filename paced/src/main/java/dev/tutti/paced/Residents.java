package dev.tutti.paced;

import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// Which models are in memory. A model that does not fit pushes out the one that was idle longest;
/// a model in use is never pushed out, so with more slots than room memory is overdrawn until one
/// of them is idle. Owned by the engine's loop.
final class Residents {
  /// Ollama's own: an idle model is dropped after five minutes.
  static final Duration DEFAULT_KEEP_ALIVE = Duration.ofMinutes(5);

  /// So long that it means for ever, and short enough to add to a clock.
  static final Duration FOREVER = Duration.ofDays(36_500);

  private final Time time;
  private final int maxResident;
  private final Duration load;
  private final Map<ModelName, Held> held = new LinkedHashMap<>();
  private final AtomicLong loads = new AtomicLong();

  Residents(Time time, int maxResident, Duration load) {
    this.time = time;
    this.maxResident = maxResident;
    this.load = load;
  }

  /// A model in memory as others see it.
  record Resident(ModelName model, int contextTokens, Instant expiresAt) {}

  /// Marks the model as used and says at which instant of the monotonic clock it is ready. Loading
  /// begins when it is absent, or present with another context length or other options.
  long acquire(ModelName model, int contextTokens) {
    return acquire(model, contextTokens, "");
  }

  /// The same for a model with further options that belong to its loading.
  ///
  /// @param options any text that is equal when they are
  long acquire(ModelName model, int contextTokens, String options) {
    dropExpired();
    Held found = held.get(model);
    if (found == null || found.contextTokens != contextTokens || !found.options.equals(options)) {
      loads.incrementAndGet();
      int users = found == null ? 0 : found.users;
      makeRoomBeside(model);
      found = new Held(contextTokens, options, time.nanos() + load.toNanos());
      found.users = users;
      held.put(model, found);
    }
    found.users++;
    found.keepAlive = FOREVER;
    return found.readyNanos;
  }

  /// Ends one use; the model stays for `keepAlive` after its last use.
  void release(ModelName model, Duration keepAlive) {
    Held found = held.get(model);
    if (found != null) {
      found.users = Math.max(0, found.users - 1);
      found.keepAlive = keepAlive;
      found.idleSinceNanos = time.nanos();
      dropExpired();
    }
  }

  /// How often a model was loaded, the first time and anew. From any thread.
  long loads() {
    return loads.get();
  }

  /// Drops the model at once, whoever uses it.
  void unload(ModelName model) {
    held.remove(model);
  }

  /// Whether the model is in memory, loaded to its end.
  boolean isReady(ModelName model) {
    dropExpired();
    Held found = held.get(model);
    return found != null && found.readyNanos - time.nanos() <= 0;
  }

  /// What is in memory and ready, the one that stays longest first.
  List<Resident> list() {
    dropExpired();
    long now = time.nanos();
    Instant wall = time.now();
    return held.entrySet().stream()
        .filter(entry -> entry.getValue().readyNanos - now <= 0)
        .map(entry ->
            new Resident(
                entry.getKey(),
                entry.getValue().contextTokens,
                wall.plusNanos(entry.getValue().remainingNanos(now))))
        .sorted(Comparator.comparing(Resident::expiresAt).reversed())
        .toList();
  }

  private void makeRoomBeside(ModelName model) {
    while (held.size() - (held.containsKey(model) ? 1 : 0) >= maxResident) {
      var idle =
          held.entrySet().stream()
              .filter(entry -> entry.getValue().users == 0 && !entry.getKey().equals(model))
              .min(Comparator.comparingLong(entry -> entry.getValue().idleSinceNanos));
      if (idle.isEmpty()) {
        return;
      }
      held.remove(idle.get().getKey());
    }
  }

  private void dropExpired() {
    long now = time.nanos();
    held.values().removeIf(found -> found.users == 0 && found.remainingNanos(now) <= 0);
  }

  private static final class Held {
    private final int contextTokens;
    private final String options;
    private final long readyNanos;
    private int users;
    private long idleSinceNanos;
    private Duration keepAlive = FOREVER;

    Held(int contextTokens, String options, long readyNanos) {
      this.contextTokens = contextTokens;
      this.options = options;
      this.readyNanos = readyNanos;
      this.idleSinceNanos = readyNanos;
    }

    long remainingNanos(long now) {
      return users > 0 ? FOREVER.toNanos() : keepAlive.toNanos() - (now - idleSinceNanos);
    }
  }
}
