package dev.tutti.gateway;

import dev.tutti.access.Principal;
import dev.tutti.access.Scope;
import io.vertx.core.http.HttpMethod;
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
    return Optional.of(
        Escapes.decode("path", path.substring(prefix.length(), path.length() - suffix.length())));
  }

  private String prefix() {
    return pattern.substring(0, pattern.indexOf('{'));
  }

  private String suffix() {
    return pattern.substring(pattern.indexOf('}') + 1);
  }
}
