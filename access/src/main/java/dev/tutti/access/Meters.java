package dev.tutti.access;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What every key uses in these minutes: buckets of requests and tokens that fill evenly, a
/// minute's worth deep, and what is under way. Tokens are taken as they are guessed when a task
/// begins and put right by what it really took. As many meters as keys with bounds, at most {@link
/// Key#MAX_KEYS}, and one entry for each task of such a key. Pure but for its own memory; owner
/// loop only.
public final class Meters {
  private static final double SECONDS = 60;
  private static final double NANOS = 1e9;

  /// When to come back where there are too many at a time: nobody knows.
  private static final Duration A_MOMENT = Duration.ofSeconds(1);

  private final Map<String, Meter> byKey = new HashMap<>();
  private final Map<String, Running> running = new HashMap<>();

  /// Why a task may not begin.
  ///
  /// @param what the bound, in words
  /// @param retryAfter when it may be tried again
  public record Over(String what, Duration retryAfter) {}

  /// How a key stands: what clients are told beside an answer.
  ///
  /// @param quota its bounds
  /// @param requests that are left now
  /// @param tokens that are left now
  /// @param requestsFull until all requests are there again
  /// @param tokensFull until all tokens are there again
  public record Standing(
      Quota quota, long requests, long tokens, Duration requestsFull, Duration tokensFull) {}

  /// Begins a task, if its key may.
  ///
  /// @param task its name
  /// @param tokens how many it is thought to take at least
  /// @return why it may not begin; empty when it has begun
  public Optional<Over> begin(Principal who, String task, long tokens, long nowNanos) {
    Quota quota = who.rights().quota();
    if (!counts(quota)) {
      return Optional.empty();
    }
    Meter meter = meter(who, nowNanos);
    meter.fill(quota, nowNanos);
    double wanted = Math.min(tokens, quota.tokensPerMinute());
    if (quota.concurrent() > 0 && meter.running >= quota.concurrent()) {
      return Optional.of(new Over(quota.concurrent() + " tasks at a time", A_MOMENT));
    }
    if (quota.requestsPerMinute() > 0 && meter.requests < 1) {
      return Optional.of(
          new Over(
              quota.requestsPerMinute() + " requests a minute",
              until(1 - meter.requests, quota.requestsPerMinute())));
    }
    // Who owes nothing may begin what is larger than what is left of a full minute.
    if (quota.tokensPerMinute() > 0 && meter.tokens < Math.max(1, wanted)) {
      return Optional.of(
          new Over(
              quota.tokensPerMinute() + " tokens a minute",
              until(Math.max(1, wanted) - meter.tokens, quota.tokensPerMinute())));
    }
    meter.requests -= 1;
    meter.tokens -= wanted;
    meter.running++;
    running.put(task, new Running(meter, wanted));
    return Optional.empty();
  }

  /// A task has ended, however; harmless for one that never began here.
  ///
  /// @param tokens what it really took
  public void end(String task, long tokens) {
    @Nullable Running ended = running.remove(task);
    if (ended != null) {
      ended.meter.running--;
      ended.meter.tokens += ended.tokens - tokens;
    }
  }

  /// How a key stands; empty for one without bounds.
  public Optional<Standing> standing(Principal who, long nowNanos) {
    Quota quota = who.rights().quota();
    if (!counts(quota)) {
      return Optional.empty();
    }
    Meter meter = meter(who, nowNanos);
    meter.fill(quota, nowNanos);
    return Optional.of(
        new Standing(
            quota,
            (long) Math.max(0, meter.requests),
            (long) Math.max(0, meter.tokens),
            until(quota.requestsPerMinute() - meter.requests, quota.requestsPerMinute()),
            until(quota.tokensPerMinute() - meter.tokens, quota.tokensPerMinute())));
  }

  /// How many keys are metered.
  int size() {
    return byKey.size();
  }

  private static boolean counts(Quota quota) {
    return quota.requestsPerMinute() > 0 || quota.tokensPerMinute() > 0 || quota.concurrent() > 0;
  }

  private Meter meter(Principal who, long nowNanos) {
    Quota quota = who.rights().quota();
    if (byKey.size() >= Key.MAX_KEYS && !byKey.containsKey(who.keyId())) {
      // Keys that are gone: who has nothing under way and owes nothing loses nothing.
      byKey.values().removeIf(meter -> meter.running == 0);
    }
    return byKey.computeIfAbsent(
        who.keyId(), _ -> new Meter(quota.requestsPerMinute(), quota.tokensPerMinute(), nowNanos));
  }

  private static Duration until(double missing, double perMinute) {
    return perMinute <= 0 || missing <= 0
        ? Duration.ZERO
        : Duration.ofNanos((long) Math.ceil(missing / perMinute * SECONDS * NANOS));
  }

  private record Running(Meter meter, double tokens) {}

  private static final class Meter {
    double requests;
    double tokens;
    int running;
    long filledNanos;

    Meter(double requests, double tokens, long nowNanos) {
      this.requests = requests;
      this.tokens = tokens;
      this.filledNanos = nowNanos;
    }

    void fill(Quota quota, long nowNanos) {
      double minutes = (nowNanos - filledNanos) / NANOS / SECONDS;
      filledNanos = nowNanos;
      requests =
          Math.min(quota.requestsPerMinute(), requests + minutes * quota.requestsPerMinute());
      tokens = Math.min(quota.tokensPerMinute(), tokens + minutes * quota.tokensPerMinute());
    }
  }
}
