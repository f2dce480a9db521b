package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where faults of our own end: logged once with their stack, told to the client without it.
final class Faults {
  private static final Logger LOG = LoggerFactory.getLogger(Faults.class);
  private static final int MAX_LOGGED_CHARS = 200;

  private Faults() {}

  /// A fault of ours as the client is told of it.
  static Failure bug(String what, @Nullable String which, Throwable fault) {
    LOG.error("A fault of our own. {}={}", what, loggable(which), fault);
    return Failure.of(
        FailureCode.INTERNAL,
        Retry.UNSAFE_MAY_HAVE_ACTED,
        "a fault of the mesh itself; its log says more");
  }

  /// What a stranger sent, fit for one line of a log.
  static String loggable(@Nullable String text) {
    if (text == null) {
      return "";
    }
    String cut = text.length() > MAX_LOGGED_CHARS ? text.substring(0, MAX_LOGGED_CHARS) : text;
    return cut.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
