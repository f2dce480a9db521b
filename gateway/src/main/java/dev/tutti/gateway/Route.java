package dev.tutti.gateway;

import dev.tutti.access.Principal;
import dev.tutti.access.Scope;
import io.vertx.core.http.HttpMethod;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/// One endpoint.
///
/// @param method the method it answers; an endpoint for GET answers HEAD as well
/// @param pattern its path; one `{…}` in it stands for one or more characters of any kind, slashes
///   included, since names of models and backends hold them
/// @param access who may call it
/// @param handler does the work on the owner's loop
record Route(HttpMethod method, String pattern, Access access, Consumer<Exchange> handler) {
  /// Who may call. Nobody may what is not said here.
  enum Access {
    /// Everybody, always.
    OPEN,
    /// Whoever has a key, whatever it is for.
    KNOWN,
    /// Who may ask for answers.
    INFER,
    /// Who may ask for answers, of what is theirs; an administrator, of everybody's.
    OWN,
    /// Administrators.
    ADMIN,
    /// Machines.
    NODES;

    /// Whether a caller may.
    boolean admits(Principal who) {
      return switch (this) {
        case OPEN -> true;
        case KNOWN -> !who.rights().scopes().isEmpty();
        case INFER -> who.may(Scope.INFER);
        case OWN -> who.may(Scope.INFER) || who.may(Scope.ADMIN);
        case ADMIN -> who.may(Scope.ADMIN);
        case NODES -> who.may(Scope.NODES);
      };
    }

    /// What a key must be for, as its holder is told.
    String needed() {
      return switch (this) {
        case OPEN, KNOWN -> "any scope";
        case INFER -> "scope: infer";
        case OWN -> "scope: infer or admin";
        case ADMIN -> "scope: admin";
        case NODES -> "scope: nodes";
      };
    }
  }

  /// Whether the pattern has a parameter.
  boolean hasParameter() {
    return pattern.indexOf('{') >= 0;
  }

  /// How much of the pattern is fixed: of two patterns that fit, the one with more wins.
  int weight() {
    return hasParameter() ? prefix().length() + suffix().length() : pattern.length();
  }

  /// The decoded parameter when the path fits a pattern with one.
  ///
  /// @throws dev.tutti.core.MeshException when its percent escapes are malformed
  Optional<String> parameter(String path) {
    String prefix = prefix();
    String suffix = suffix();
    if (path.length() <= prefix.length() + suffix.length()
        || !path.startsWith(prefix)
        || !path.endsWith(suffix)) {
      return Optional.empty();
    }
    return Optional.of(decode(path.substring(prefix.length(), path.length() - suffix.length())));
  }

  private String prefix() {
    return pattern.substring(0, pattern.indexOf('{'));
  }

  private String suffix() {
    return pattern.substring(pattern.indexOf('}') + 1);
  }

  /// Percent escapes as UTF-8; a plus is a plus.
  static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    var bytes = ByteBuffer.allocate(raw.length);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] != '%') {
        bytes.put(raw[i]);
        continue;
      }
      int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
      if (high < 0 || low < 0) {
        throw Refusals.invalid("path: malformed percent escape (expected: % and two hex digits)");
      }
      bytes.put((byte) (high * 16 + low));
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException _) {
      throw Refusals.invalid("path: escapes that are no UTF-8 (expected: UTF-8)");
    }
  }
}
