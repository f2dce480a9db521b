package dev.tutti.gateway;

import dev.tutti.access.Meters;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/// How a key with bounds stands, in the words that each API's clients look for: Anthropic's, and
/// OpenAI's for everybody else.
///
/// <https://platform.openai.com/docs/guides/rate-limits>,
/// <https://docs.anthropic.com/en/api/rate-limits>
final class RateHeaders {
  private static final long SECOND = 1_000;
  private static final long MINUTE = 60 * SECOND;

  private RateHeaders() {}

  static void put(
      HttpServerResponse response, Surface surface, Meters.Standing standing, Instant now) {
    if (standing.quota().requestsPerMinute() > 0) {
      put(
          response,
          surface,
          "requests",
          standing.quota().requestsPerMinute(),
          standing.requests(),
          standing.requestsFull(),
          now);
    }
    if (standing.quota().tokensPerMinute() > 0) {
      put(
          response,
          surface,
          "tokens",
          standing.quota().tokensPerMinute(),
          standing.tokens(),
          standing.tokensFull(),
          now);
    }
  }

  private static void put(
      HttpServerResponse response,
      Surface surface,
      String what,
      long limit,
      long left,
      Duration full,
      Instant now) {
    if (surface == Surface.ANTHROPIC) {
      String name = "anthropic-ratelimit-" + what;
      response.putHeader(name + "-limit", Long.toString(limit));
      response.putHeader(name + "-remaining", Long.toString(left));
      response.putHeader(name + "-reset", Instant.ofEpochSecond(ceiling(now, full)).toString());
    } else {
      response.putHeader("x-ratelimit-limit-" + what, Long.toString(limit));
      response.putHeader("x-ratelimit-remaining-" + what, Long.toString(left));
      response.putHeader("x-ratelimit-reset-" + what, span(full));
    }
  }

  private static long ceiling(Instant now, Duration full) {
    return now.plus(full).plusNanos(999_999_999).getEpochSecond();
  }

  /// As OpenAI writes it: `20ms`, `1.5s`, `6m0s`.
  static String span(Duration full) {
    long millis = full.toMillis();
    if (millis < SECOND) {
      return millis + "ms";
    }
    String seconds =
        millis % SECOND == 0
            ? millis % MINUTE / SECOND + "s"
            : String.format(Locale.ROOT, "%.3fs", millis % MINUTE / (double) SECOND);
    return millis < MINUTE ? seconds : millis / MINUTE + "m" + seconds;
  }
}
