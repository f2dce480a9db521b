package dev.tutti.access;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a request brings along that may tell who sent it.
///
/// @param tokens what it sent as a key, in whichever place; empty when nothing
/// @param session the value of the browser's cookie, if there is one
/// @param peer where it came from, if that is known
public record Presented(List<String> tokens, Optional<String> session, Optional<PeerAddress> peer) {
  private static final String BEARER = "bearer ";
  private static final String BASIC = "basic ";

  /// Nothing at all.
  public static final Presented NOTHING =
      new Presented(List.of(), Optional.empty(), Optional.empty());

  /// Reads what clients send, on every path alike: `authorization` with a bearer token or as basic
  /// authentication with the key for a password, and `x-api-key`.
  public static Presented of(
      @Nullable String authorization,
      @Nullable String apiKey,
      Optional<String> session,
      Optional<PeerAddress> peer) {
    String first = authorization == null ? "" : key(authorization);
    String second = apiKey == null ? "" : apiKey.strip();
    List<String> tokens =
        first.isEmpty()
            ? second.isEmpty() ? List.of() : List.of(second)
            : second.isEmpty() ? List.of(first) : List.of(first, second);
    return new Presented(tokens, session, peer);
  }

  private static String key(String authorization) {
    if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return authorization.substring(BEARER.length()).strip();
    }
    if (authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return password(authorization.substring(BASIC.length()).strip());
    }
    return "";
  }

  private static String password(String encoded) {
    try {
      String both = new String(Base64.getDecoder().decode(encoded), StandardCharsets.ISO_8859_1);
      return both.substring(both.indexOf(':') + 1);
    } catch (IllegalArgumentException _) {
      return "";
    }
  }
}
